variable "release" {
  description = "Folder of an unpacked release: functions/ and templates/"
  type        = string
}

variable "asset_bucket" {
  description = "Name of an existing bucket in the region, which holds the code of the functions and the templates"
  type        = string
}

variable "asset_prefix" {
  description = "Where in that bucket they are: empty, or a prefix that ends with a slash"
  type        = string
  default     = "trailseal/"
  validation {
    condition     = var.asset_prefix == "" || endswith(var.asset_prefix, "/")
    error_message = "asset_prefix must be empty or end with a slash."
  }
}

variable "name" {
  description = "Name of the scanner's stack, and beginning of the catalog's"
  type        = string
  default     = "TrailSeal"
}

variable "organization_id" {
  description = "Organization whose principals may assume the audit role"
  type        = string
}

variable "organizational_unit_ids" {
  description = "Where the audit role is rolled out: the root (r-…) for the whole organization, or organizational units (ou-…); empty for nowhere"
  type        = list(string)
  default     = []
}

variable "call_as" {
  description = "DELEGATED_ADMIN, or SELF in the management account"
  type        = string
  default     = "DELEGATED_ADMIN"
}

variable "parameters" {
  description = "Parameters of the templates by name, such as { AlarmMail = \"audit@example.com\" }: all are in parameters.tsv of the release"
  type        = map(string)
  default     = {}
  validation {
    condition     = length(setintersection(keys(var.parameters), ["AssetBucket", "AssetPrefix", "ScannerStack", "ScannerAccountId", "OrganizationId"])) == 0
    error_message = "AssetBucket, AssetPrefix, ScannerStack, ScannerAccountId and OrganizationId come from variables of their own."
  }
}
