variable "release" {
  description = "Folder of an unpacked release: functions/, templates/ and SHA256SUMS; null where this module is in it"
  type        = string
  default     = null
}

variable "name" {
  description = "Name of the scanner's stack, and beginning of the others'; null for the prefix of the release, TrailSeal"
  type        = string
  default     = null
  validation {
    condition     = var.name == null || can(regex("^[A-Za-z][A-Za-z0-9-]{0,27}$", var.name))
    error_message = "name must be letters, digits and hyphens, a letter first, 28 at most."
  }
}

variable "organization_id" {
  description = "Organization whose principals may assume the audit role"
  type        = string
  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id must be the id of an organization, such as o-a1b2c3d4e5."
  }
}

variable "organizational_unit_ids" {
  description = "Where the audit role is rolled out: the root (r-…) for the whole organization, or organizational units (ou-…); empty for nowhere"
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for id in var.organizational_unit_ids : can(regex("^(r-[a-z0-9]{4,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})$", id))])
    error_message = "organizational_unit_ids must be ids: the root (r-…) or organizational units (ou-…)."
  }
}

variable "asset_bucket" {
  description = "Name of an existing bucket in the Region for the code of the functions and the templates, known when Terraform plans; null makes one: private, encrypted, versioned, TLS only"
  type        = string
  default     = null
}

variable "asset_prefix" {
  description = "Where in that bucket they are: empty, or a prefix that ends with a slash"
  type        = string
  default     = "trailseal/"
  validation {
    condition     = can(regex("^$|^[^/].*/$", var.asset_prefix))
    error_message = "asset_prefix must be empty, or end with a slash and not begin with one."
  }
}

variable "service_role_arn" {
  description = "Role that CloudFormation acts as; null for the one that Terraform runs as"
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of the stacks, which CloudFormation hands on to all that they make, and of the bucket"
  type        = map(string)
  default     = {}
}

variable "parameters" {
  description = "Parameters of the templates by name, such as { AlarmMail = \"audit@example.com\" }; lists are joined with commas. All are in parameters.tsv of the release"
  type        = map(string)
  default     = {}
  validation {
    condition     = length(setintersection(keys(var.parameters), ["AssetBucket", "AssetPrefix", "ScannerStack", "OrganizationId", "TargetOrganizationalUnits"])) == 0
    error_message = "AssetBucket, AssetPrefix, ScannerStack, OrganizationId and TargetOrganizationalUnits come from variables of their own."
  }
}
