variable "release" {
  description = "Folder of an unpacked release; null where this is in it"
  type        = string
  default     = null
}

variable "name" {
  description = "Beginning of the names of the stacks, as that of the scanner's; null for the prefix of the release, TrailSeal"
  type        = string
  default     = null
}

variable "organization_id" {
  description = "Organization whose principals may assume the audit role"
  type        = string
}

variable "scanner_account_id" {
  description = "Account that the scanner runs in"
  type        = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.scanner_account_id))
    error_message = "scanner_account_id must be the twelve digits of an account."
  }
}

variable "parameters" {
  description = "The parameters of the scanner's module: RoleName, ExternalId and others are those of the management account's role, too"
  type        = map(string)
  default     = {}
}

variable "watch_regions" {
  description = "Regions whose changes are sent to the scanner: us-east-1, and each Region of the trail, key and bucket; empty for none"
  type        = set(string)
  default     = []
}

variable "event_bus_arn" {
  description = "Output watch_bus_arn of the scanner; needed with watch_regions alone"
  type        = string
  default     = null
}

variable "service_role_arn" {
  description = "Role that CloudFormation acts as; null for the one that Terraform runs as"
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of the stacks, which CloudFormation hands on to all that they make"
  type        = map(string)
  default     = {}
}
