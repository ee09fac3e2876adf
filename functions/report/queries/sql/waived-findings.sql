-- title: Waived findings
-- answers: What the latest run does not count as failed because somebody waived it, who did, and for how long
-- order: soonest to end first, then account, then finding
SELECT
  f.waived_until,
  date_diff('day', r.finished_at, f.waived_until) AS days_left,
  f.waiver_id,
  f.waived_by,
  f.severity,
  f.control_id,
  f.account_id,
  f.account_name,
  f.region,
  f.resource_arn,
  f.observed,
  f.finding_id
FROM latest_findings AS f
INNER JOIN latest_runs AS r ON r.run_id = f.run_id
WHERE f.status = 'WAIVED'
ORDER BY f.waived_until, f.account_id, f.finding_id
