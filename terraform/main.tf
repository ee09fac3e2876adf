# Uploads a release and deploys its templates. What the stacks hold is decided by the templates, not here.
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  archives = fileset(var.release, "functions/*.zip")
  # Template of each stack, by its name in the release.
  templates = {
    for name in ["trailseal", "trailseal-catalog"] : name => "${var.release}/templates/${name}.template.json"
  }
  audit_role = file("${var.release}/templates/trailseal-audit-role.template.json")

  known = merge(var.parameters, {
    AssetBucket      = var.asset_bucket
    AssetPrefix      = var.asset_prefix
    ScannerStack     = var.name
    ScannerAccountId = data.aws_caller_identity.current.account_id
    OrganizationId   = var.organization_id
  })
  # What each template asks for and somebody has said.
  asked = {
    for name, file in local.templates : name => keys(jsondecode(file(file)).Parameters)
  }
  # A StackSet whose defaults are left out differs at every plan: all are written down.
  role_parameters = {
    for name, parameter in jsondecode(local.audit_role).Parameters : name => lookup(local.known, name, try(tostring(parameter.Default), ""))
  }
}

resource "aws_s3_object" "archive" {
  for_each    = local.archives
  bucket      = var.asset_bucket
  key         = "${var.asset_prefix}${basename(each.value)}"
  source      = "${var.release}/${each.value}"
  source_hash = filesha256("${var.release}/${each.value}")
}

resource "aws_s3_object" "template" {
  for_each    = local.templates
  bucket      = var.asset_bucket
  key         = "${var.asset_prefix}templates/${each.key}-${substr(filesha256(each.value), 0, 16)}.template.json"
  source      = each.value
  source_hash = filesha256(each.value)
}

resource "aws_cloudformation_stack" "scanner" {
  name         = var.name
  template_url = "https://s3.${data.aws_region.current.region}.${data.aws_partition.current.dns_suffix}/${var.asset_bucket}/${aws_s3_object.template["trailseal"].key}"
  capabilities = ["CAPABILITY_NAMED_IAM"]
  parameters   = { for name, value in local.known : name => value if contains(local.asked["trailseal"], name) }
  depends_on   = [aws_s3_object.archive]
}

resource "aws_cloudformation_stack" "catalog" {
  name         = "${var.name}Catalog"
  template_url = "https://s3.${data.aws_region.current.region}.${data.aws_partition.current.dns_suffix}/${var.asset_bucket}/${aws_s3_object.template["trailseal-catalog"].key}"
  capabilities = ["CAPABILITY_NAMED_IAM"]
  parameters   = { for name, value in local.known : name => value if contains(local.asked["trailseal-catalog"], name) }
  # It imports what the scanner exports.
  depends_on = [aws_cloudformation_stack.scanner]
}

resource "aws_cloudformation_stack_set" "audit_role" {
  count            = length(var.organizational_unit_ids) == 0 ? 0 : 1
  name             = "TrailSealMemberRole"
  description      = "TrailSeal: read-only audit role of a member account"
  permission_model = "SERVICE_MANAGED"
  call_as          = var.call_as
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  template_body    = local.audit_role
  parameters       = local.role_parameters
  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }
  managed_execution {
    active = true
  }
  # One account that refuses must not keep the role from all the others; where all refuse, it fails.
  operation_preferences {
    failure_tolerance_percentage = 99
    max_concurrent_percentage    = 100
    region_concurrency_type      = "PARALLEL"
  }
  lifecycle {
    # Of older providers: a role that service-managed StackSets have none of (terraform-provider-aws #23464), and
    # preferences that AWS does not keep (#30864).
    ignore_changes = [administration_role_arn, operation_preferences]
  }
}

resource "aws_cloudformation_stack_set_instance" "audit_role" {
  count          = length(var.organizational_unit_ids) == 0 ? 0 : 1
  stack_set_name = aws_cloudformation_stack_set.audit_role[0].name
  call_as        = var.call_as
  # IAM is global: one region serves.
  deployment_targets {
    organizational_unit_ids = var.organizational_unit_ids
  }
  operation_preferences {
    failure_tolerance_percentage = 99
    max_concurrent_percentage    = 100
    region_concurrency_type      = "PARALLEL"
  }
  lifecycle {
    # What AWS does not keep is no change (#30864).
    ignore_changes = [operation_preferences]
  }
}
