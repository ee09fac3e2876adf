-- title: Open findings
-- answers: Everything that fails or could not be verified in the latest run, with what was expected and what was found
-- order: worst severity first; FAIL before UNVERIFIED; then control, account, Region, resource
SELECT
  severity,
  status,
  control_id,
  account_id,
  account_name,
  region,
  resource_arn,
  observed,
  expected,
  reason,
  first_seen_at,
  finding_id
FROM latest_findings
WHERE status IN ('FAIL', 'UNVERIFIED')
ORDER BY
  CASE severity WHEN 'CRITICAL' THEN 1 WHEN 'HIGH' THEN 2 WHEN 'MEDIUM' THEN 3 WHEN 'LOW' THEN 4 ELSE 5 END,
  status,
  control_id,
  account_id,
  region,
  resource_arn,
  finding_id
