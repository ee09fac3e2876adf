output "report_root" {
  description = "For --report and --out"
  value       = aws_cloudformation_stack.scanner.outputs["ReportRoot"]
}

output "state_machine_arn" {
  description = "Start a run by hand"
  value       = aws_cloudformation_stack.scanner.outputs["StateMachineArn"]
}

output "signing_key_arn" {
  description = "Its public half verifies a pack; null where manifests are not signed"
  value       = lookup(aws_cloudformation_stack.scanner.outputs, "SigningKeyArn", null)
}

output "athena_workgroup" {
  description = "For trailseal query --athena"
  value       = aws_cloudformation_stack.catalog.outputs["AthenaWorkgroup"]
}

output "auditor_role_arn" {
  description = "What an auditor assumes; null where there is no such role"
  value       = lookup(aws_cloudformation_stack.catalog.outputs, "AuditorRoleArn", null)
}

output "list_failed_accounts" {
  description = "Command that lists the accounts that refused the audit role; null where it is not rolled out"
  value       = try(aws_cloudformation_stack.member_roles[0].outputs["ListFailedAccounts"], null)
}

output "watch_bus_arn" {
  description = "event_bus_arn of the management account's module; null without the parameter WatchRegions"
  value       = lookup(aws_cloudformation_stack.scanner.outputs, "WatchBusArn", null)
}
