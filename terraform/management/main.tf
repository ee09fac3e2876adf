# In the management account, which a StackSet never reaches: its audit role, and what sends its changes to the scanner.
locals {
  release    = var.release == null ? "${path.module}/../.." : var.release
  catalog    = jsondecode(file("${local.release}/templates/trailseal-catalog.template.json"))
  name       = var.name == null ? local.catalog.Parameters.ScannerStack.Default : var.name
  template   = file("${local.release}/templates/trailseal-audit-role.template.json")
  known      = merge(var.parameters, { ScannerAccountId = var.scanner_account_id, OrganizationId = var.organization_id })
  parameters = { for name, value in local.known : name => value if contains(keys(jsondecode(local.template).Parameters), name) }
}

resource "aws_cloudformation_stack" "role" {
  name          = "${local.name}ManagementRole"
  template_body = local.template
  capabilities  = ["CAPABILITY_NAMED_IAM"]
  iam_role_arn  = var.service_role_arn
  parameters    = local.parameters
  tags          = var.tags
}

resource "aws_cloudformation_stack" "watch" {
  for_each      = var.watch_regions
  region        = each.value
  name          = "${local.name}ManagementWatch"
  template_body = file("${local.release}/templates/trailseal-management-watch.template.json")
  capabilities  = ["CAPABILITY_NAMED_IAM"]
  iam_role_arn  = var.service_role_arn
  parameters    = { EventBusArn = var.event_bus_arn }
  tags          = var.tags
  lifecycle {
    precondition {
      condition     = var.event_bus_arn != null
      error_message = "watch_regions needs event_bus_arn, the output watch_bus_arn of the scanner's module: it is there with the parameter WatchRegions."
    }
  }
}
