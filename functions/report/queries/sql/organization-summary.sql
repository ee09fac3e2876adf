-- title: Organization summary
-- answers: How the latest run's accounts and Regions divide by verdict, what its filter excluded, and whether the run is complete and organization-wide
-- order: unencrypted first, then no trail, not logging, broken, foreign key, unverified, encrypted, not applicable, excluded
WITH shown AS (
  SELECT
    run_id,
    account_id,
    region,
    basis,
    CASE WHEN state = 'EXCLUDED' THEN 'EXCLUDED' ELSE verdict END AS verdict
  FROM latest_coverage
)
SELECT
  c.verdict,
  count(*) AS targets,
  CASE
    WHEN c.verdict <> 'EXCLUDED'
      THEN
        round(100 * CAST(count(*) AS double) / NULLIF(sum(count_if(c.verdict <> 'EXCLUDED')) OVER (), 0), 1)
  END AS percent,
  count(DISTINCT c.account_id) AS accounts,
  count(DISTINCT c.region) AS regions,
  count_if(c.basis = 'INFERRED') AS inferred,
  max(r.status) AS run_status,
  max(r.scope) AS run_scope,
  max(r.run_id) AS run_id
FROM shown AS c
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
    WHEN 'NOT_APPLICABLE' THEN 8
    ELSE 9
  END
