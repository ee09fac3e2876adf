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

variable "region" {
  description = "Region of the scanner"
  type        = string
  default     = "eu-central-1"
}

variable "audit_account_id" {
  description = "Account that the scanner runs in"
  type        = string
}

variable "release" {
  description = "Folder of an unpacked release"
  type        = string
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

resource "aws_s3_bucket" "assets" {
  bucket = "trailseal-assets-${var.audit_account_id}-${var.region}"
}

resource "aws_s3_bucket_public_access_block" "assets" {
  bucket                  = aws_s3_bucket.assets.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

module "trailseal" {
  source                  = "../.."
  release                 = var.release
  asset_bucket            = aws_s3_bucket.assets.bucket
  organization_id         = data.aws_organizations_organization.this.id
  organizational_unit_ids = [data.aws_organizations_organization.this.roots[0].id]
  parameters = {
    AlarmMail = "audit@example.com"
  }
  depends_on = [aws_organizations_delegated_administrator.stack_sets]
}

resource "aws_cloudformation_stack" "management_role" {
  provider      = aws.management
  name          = "TrailSealManagementRole"
  template_body = file("${var.release}/templates/trailseal-audit-role.template.json")
  capabilities  = ["CAPABILITY_NAMED_IAM"]
  parameters = {
    ScannerAccountId = var.audit_account_id
    OrganizationId   = data.aws_organizations_organization.this.id
  }
}

output "report_root" {
  description = "For --report and --out"
  value       = module.trailseal.report_root
}

output "state_machine_arn" {
  description = "Start a run by hand"
  value       = module.trailseal.state_machine_arn
}
