# Uploads a release and deploys its templates. What the stacks hold is decided by the templates, not here.
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {
  lifecycle {
    precondition {
      condition     = length(local.sums) > 0
      error_message = "${local.release} is no unpacked release: it has no SHA256SUMS."
    }
    precondition {
      condition     = length(local.changed) == 0
      error_message = "Not the files of the release (SHA256SUMS): ${join(", ", local.changed)}. Unpack it again."
    }
    precondition {
      condition     = length(local.unknown) == 0
      error_message = "No template has a parameter ${join(", ", local.unknown)}; parameters.tsv of the release lists them."
    }
    precondition {
      condition     = length(local.not_allowed) == 0
      error_message = "Not a value that the template takes: ${join(", ", local.not_allowed)}; parameters.tsv of the release says which are."
    }
  }
}

locals {
  release   = var.release == null ? "${path.module}/.." : var.release
  archives  = fileset(local.release, "functions/*.zip")
  templates = fileset("${local.release}/templates", "*.template.json")
  # The parameters of each template of the release, with what is allowed.
  definitions = {
    for file in local.templates : trimsuffix(file, ".template.json") => jsondecode(file("${local.release}/templates/${file}")).Parameters
  }
  # The prefix of the release, so that two of them are two deployments.
  name   = var.name == null ? try(local.definitions["trailseal-catalog"].ScannerStack.Default, "TrailSeal") : var.name
  bucket = var.asset_bucket == null ? aws_s3_bucket.assets[0].bucket : var.asset_bucket
  known = merge(var.parameters, {
    AssetBucket               = local.bucket
    AssetPrefix               = var.asset_prefix
    ScannerStack              = local.name
    OrganizationId            = var.organization_id
    TargetOrganizationalUnits = join(",", var.organizational_unit_ids)
  })
  # Of each template, what it asks for and somebody has said.
  parameters = {
    for template, asked in local.definitions : template => { for name, value in local.known : name => value if contains(keys(asked), name) }
  }
  url = {
    for file in local.templates : trimsuffix(file, ".template.json") =>
    "https://s3.${data.aws_region.current.region}.${data.aws_partition.current.dns_suffix}/${local.bucket}/${aws_s3_object.template[file].key}"
  }

  # What can be said of the release and its parameters before anything is made.
  all     = merge(values(local.definitions)...)
  unknown = [for name in keys(var.parameters) : name if !contains(keys(local.all), name)]
  not_allowed = [for name, value in var.parameters : name if !(
    can(regex(try(local.all[name].AllowedPattern, ""), value)) &&
    contains([for allowed in try(local.all[name].AllowedValues, [value]) : tostring(allowed)], value) &&
    (try(local.all[name].Type, "String") != "Number" || can(tonumber(value)))
  )]
  # Of each file that is deployed, its sum and its name.
  sums    = regexall("(?m)^([0-9a-f]{64})  ((?:functions|templates)/.+)$", try(file("${local.release}/SHA256SUMS"), ""))
  changed = [for sum in local.sums : sum[1] if try(filesha256("${local.release}/${sum[1]}"), "") != sum[0]]
}

resource "aws_s3_object" "archive" {
  for_each    = local.archives
  bucket      = local.bucket
  key         = "${var.asset_prefix}${basename(each.value)}"
  source      = "${local.release}/${each.value}"
  source_hash = filesha256("${local.release}/${each.value}")
  # An object takes ten tags, and an organization may have more.
  override_provider {
    default_tags { tags = {} }
  }
  lifecycle {
    # A stack whose update fails goes back to the code that it had: that goes last.
    create_before_destroy = true
  }
}

resource "aws_s3_object" "template" {
  for_each    = local.templates
  bucket      = local.bucket
  key         = "${var.asset_prefix}templates/${trimsuffix(each.value, ".template.json")}-${substr(filesha256("${local.release}/templates/${each.value}"), 0, 16)}.template.json"
  source      = "${local.release}/templates/${each.value}"
  source_hash = filesha256("${local.release}/templates/${each.value}")
  override_provider {
    default_tags { tags = {} }
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudformation_stack" "scanner" {
  name         = local.name
  template_url = local.url["trailseal"]
  capabilities = ["CAPABILITY_NAMED_IAM"]
  iam_role_arn = var.service_role_arn
  parameters   = local.parameters["trailseal"]
  tags         = var.tags
  depends_on   = [aws_s3_object.archive]
}

resource "aws_cloudformation_stack" "catalog" {
  name         = "${local.name}Catalog"
  template_url = local.url["trailseal-catalog"]
  capabilities = ["CAPABILITY_NAMED_IAM"]
  iam_role_arn = var.service_role_arn
  parameters   = local.parameters["trailseal-catalog"]
  tags         = var.tags
  # It imports what the scanner exports.
  depends_on = [aws_cloudformation_stack.scanner]
}

# Its StackSets are in the template: CloudFormation changes the organizational units of one in place, where
# aws_cloudformation_stack_set_instance rolls out again from the start (terraform-provider-aws #37898).
resource "aws_cloudformation_stack" "member_roles" {
  count        = length(var.organizational_unit_ids) == 0 ? 0 : 1
  name         = "${local.name}MemberRoles"
  template_url = local.url["trailseal-member-roles"]
  capabilities = ["CAPABILITY_NAMED_IAM"]
  iam_role_arn = var.service_role_arn
  parameters   = local.parameters["trailseal-member-roles"]
  tags         = var.tags
  depends_on   = [aws_cloudformation_stack.scanner]
}
