-- title: Coverage gaps
-- answers: Every account and Region in the scope of the latest run whose CloudTrail logs are not shown to be encrypted, and why
-- order: unencrypted first, then no trail, not logging, broken, foreign key, unverified; then account and Region
SELECT
  verdict,
  account_id,
  account_name,
  region,
  state,
  reason,
  error_code,
  array_join(recording_trail_arns, ', ') AS recording_trails,
  ou_path
FROM latest_coverage
WHERE verdict NOT IN ('ENCRYPTED', 'NOT_APPLICABLE') AND state <> 'EXCLUDED'
ORDER BY
  CASE verdict
    WHEN 'UNENCRYPTED' THEN 1
    WHEN 'NO_TRAIL' THEN 2
    WHEN 'NOT_LOGGING' THEN 3
    WHEN 'BROKEN' THEN 4
    WHEN 'FOREIGN_KEY' THEN 5
    ELSE 6
  END,
  account_id,
  region
