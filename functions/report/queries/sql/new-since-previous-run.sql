-- title: New since the previous run
-- answers: Open findings that were met, or not there, in the run before (after a first run: all of them)
-- order: worst severity first, then control, account, Region, resource
SELECT
  f.severity,
  f.status,
  f.control_id,
  f.account_id,
  f.account_name,
  f.region,
  f.resource_arn,
  f.observed,
  f.root_cause,
  f.finding_id,
  r.previous_run_id
FROM latest_findings AS f
INNER JOIN latest_runs AS r ON r.run_id = f.run_id
WHERE f.status IN ('FAIL', 'UNVERIFIED') AND f.first_seen_at >= r.started_at
ORDER BY
  CASE f.severity WHEN 'CRITICAL' THEN 1 WHEN 'HIGH' THEN 2 WHEN 'MEDIUM' THEN 3 WHEN 'LOW' THEN 4 ELSE 5 END,
  f.control_id,
  f.account_id,
  f.region,
  f.resource_arn,
  f.finding_id
