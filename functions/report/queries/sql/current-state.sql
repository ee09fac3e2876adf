-- title: Current state
-- answers: For each account as of when it was last looked at (by the newest whole run, or since then after a change in it) and whether that is stale since a change of an organization trail, in how many Regions its logs are encrypted, at risk or unknown, its open findings, and the changes that led to it
-- order: newest first, then most Regions at risk, most unknown, account
WITH regions AS (
  SELECT
    account_id,
    max(account_name) AS account_name,
    max(ou_path) AS ou_path,
    max(as_of) AS as_of,
    max(stale_since) AS stale_since,
    max(run_id) AS run_id,
    count_if(verdict = 'ENCRYPTED') AS encrypted,
    count_if(verdict IN ('UNENCRYPTED', 'FOREIGN_KEY', 'BROKEN', 'NOT_LOGGING', 'NO_TRAIL')) AS at_risk,
    count_if(verdict = 'UNVERIFIED' AND state <> 'EXCLUDED') AS unknown
  FROM current_coverage
  GROUP BY account_id
),
unmet AS (
  SELECT
    account_id,
    count_if(status = 'FAIL') AS findings_failed,
    count_if(status = 'UNVERIFIED') AS findings_unverified
  FROM current_findings
  GROUP BY account_id
)
SELECT
  g.account_id,
  g.account_name,
  g.ou_path,
  g.as_of,
  g.stale_since,
  g.encrypted,
  g.at_risk,
  g.unknown,
  COALESCE(u.findings_failed, 0) AS findings_failed,
  COALESCE(u.findings_unverified, 0) AS findings_unverified,
  array_join(r.because, '; ') AS because,
  g.run_id
FROM regions AS g
INNER JOIN current_runs AS r ON r.run_id = g.run_id
LEFT JOIN unmet AS u ON u.account_id = g.account_id
ORDER BY g.as_of DESC, g.at_risk DESC, g.unknown DESC, g.account_id
