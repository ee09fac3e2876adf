# The audit account as delegated administrator of StackSets, the scanner in it, the audit role in every member account and in
# the management account. Two profiles: a StackSet never reaches the management account.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0, < 7.0"
    }
  }
}

variable "release" {
  description = "Folder of an unpacked release; null where this is in it"
  type        = string
  default     = null
}

variable "audit_account_id" {
  description = "Account that the scanner runs in"
  type        = string
}

variable "region" {
  description = "Region of the scanner"
  type        = string
  default     = "eu-central-1"
}

variable "parameters" {
  description = "Parameters of the templates by name: all are in parameters.tsv of the release"
  type        = map(string)
  default     = {}
}

locals {
  # Runs after changes: off while WatchRegions is not among the parameters.
  watch_regions = compact(split(",", lookup(var.parameters, "WatchRegions", "")))
}

provider "aws" {
  region  = var.region
  profile = "audit"
}

provider "aws" {
  alias   = "management"
  region  = var.region
  profile = "management"
}

data "aws_organizations_organization" "this" {
  provider = aws.management
}

# Trusted access of StackSets is activated once: aws cloudformation activate-organizations-access
resource "aws_organizations_delegated_administrator" "stack_sets" {
  provider          = aws.management
  account_id        = var.audit_account_id
  service_principal = "member.org.stacksets.cloudformation.amazonaws.com"
}

module "trailseal" {
  source          = "../.."
  release         = var.release
  organization_id = data.aws_organizations_organization.this.id
  # Everywhere, once the account is delegated administrator: depends_on would keep the whole module out of the first plan.
  organizational_unit_ids = [
    for root in data.aws_organizations_organization.this.roots : root.id
    if aws_organizations_delegated_administrator.stack_sets.account_id == var.audit_account_id
  ]
  parameters = var.parameters
}

module "management_account" {
  source             = "../../management"
  providers          = { aws = aws.management }
  release            = var.release
  organization_id    = data.aws_organizations_organization.this.id
  scanner_account_id = var.audit_account_id
  parameters         = var.parameters
  watch_regions      = local.watch_regions
  event_bus_arn      = module.trailseal.watch_bus_arn
}

output "report_root" {
  description = "For --report and --out"
  value       = module.trailseal.report_root
}

output "state_machine_arn" {
  description = "Start a run by hand"
  value       = module.trailseal.state_machine_arn
}
