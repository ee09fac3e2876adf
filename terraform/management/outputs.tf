output "role_arn" {
  description = "The audit role of the management account"
  value       = aws_cloudformation_stack.role.outputs["RoleArn"]
}
