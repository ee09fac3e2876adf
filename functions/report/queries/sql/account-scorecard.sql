-- title: Account scorecard
-- answers: For each account of the latest run, in how many Regions the logs are encrypted, at risk, unknown or excluded, and its open findings
-- order: most Regions at risk first, then most unknown, then most failed findings, then account
WITH regions AS (
  SELECT
    account_id,
    max(account_name) AS account_name,
    max(account_state) AS account_state,
    max(ou_path) AS ou_path,
    count(*) AS regions,
    count_if(verdict = 'ENCRYPTED') AS encrypted,
    count_if(verdict IN ('UNENCRYPTED', 'FOREIGN_KEY', 'BROKEN', 'NOT_LOGGING', 'NO_TRAIL')) AS at_risk,
    count_if(verdict = 'UNVERIFIED' AND state <> 'EXCLUDED') AS unknown,
    count_if(verdict = 'NOT_APPLICABLE') AS not_applicable,
    count_if(state = 'EXCLUDED') AS excluded
  FROM latest_coverage
  GROUP BY account_id
),
unmet AS (
  SELECT
    account_id,
    count_if(status = 'FAIL') AS findings_failed,
    count_if(status = 'UNVERIFIED') AS findings_unverified
  FROM latest_findings
  GROUP BY account_id
)
SELECT
  r.account_id,
  r.account_name,
  r.account_state,
  r.ou_path,
  round(100 * CAST(r.encrypted AS double) / NULLIF(r.regions - r.not_applicable - r.excluded, 0), 1) AS percent_encrypted,
  r.encrypted,
  r.at_risk,
  r.unknown,
  r.not_applicable,
  COALESCE(u.findings_failed, 0) AS findings_failed,
  COALESCE(u.findings_unverified, 0) AS findings_unverified,
  r.excluded
FROM regions AS r
LEFT JOIN unmet AS u ON u.account_id = r.account_id
ORDER BY r.at_risk DESC, r.unknown DESC, COALESCE(u.findings_failed, 0) DESC, r.account_id
