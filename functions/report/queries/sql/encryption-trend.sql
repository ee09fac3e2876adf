-- title: Encryption trend
-- answers: Day by day, from the last organization-wide run of each day, what share of accounts and Regions is encrypted
-- order: oldest day first
WITH daily AS (
  SELECT run_date, max(run_id) AS run_id
  FROM runs
  WHERE scope = 'ORGANIZATION'
  GROUP BY run_date
)
SELECT
  r.run_date,
  r.status,
  round(100 * CAST(r.encrypted AS double) / NULLIF(r.targets - r.not_applicable - r.excluded, 0), 1) AS percent_encrypted,
  r.encrypted,
  r.unencrypted + r.foreign_key + r.broken + r.not_logging + r.no_trail AS at_risk,
  r.unverified - r.excluded AS unknown,
  r.not_applicable,
  r.accounts,
  r.findings_failed,
  r.run_id
FROM runs AS r
INNER JOIN daily AS d ON d.run_date = r.run_date AND d.run_id = r.run_id
ORDER BY r.run_date
