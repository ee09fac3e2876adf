-- title: Organization summary
-- answers: How the latest run's accounts and regions divide by verdict, and whether the run is complete and organization-wide
-- order: unencrypted first, then no trail, not logging, broken, foreign key, unverified, encrypted, not applicable
SELECT
  c.verdict,
  count(*) AS targets,
  round(100 * CAST(count(*) AS double) / sum(count(*)) OVER (), 1) AS percent,
  count(DISTINCT c.account_id) AS accounts,
  count(DISTINCT c.region) AS regions,
  count_if(c.basis = 'INFERRED') AS inferred,
  max(r.status) AS run_status,
  max(r.scope) AS run_scope,
  max(r.run_id) AS run_id
FROM latest_coverage AS c
INNER JOIN latest_runs AS r ON r.run_id = c.run_id
GROUP BY c.verdict
ORDER BY
  CASE c.verdict
    WHEN 'UNENCRYPTED' THEN 1
    WHEN 'NO_TRAIL' THEN 2
    WHEN 'NOT_LOGGING' THEN 3
    WHEN 'BROKEN' THEN 4
    WHEN 'FOREIGN_KEY' THEN 5
    WHEN 'UNVERIFIED' THEN 6
    WHEN 'ENCRYPTED' THEN 7
    ELSE 8
  END
