-- title: Trails by verdict
-- answers: How many trails of the latest run are sealed, and what is wrong with the others
-- order: unsealed first, then broken, stopped, foreign key, unverified, sealed; then most trails
SELECT
  verdict,
  reason,
  count(*) AS trails,
  count_if(is_organization) AS organization_trails,
  count(DISTINCT account_id) AS owners,
  max(accounts_covered) AS widest_reach,
  min(trail_arn) AS example
FROM latest_trails
GROUP BY verdict, reason
ORDER BY
  CASE verdict
    WHEN 'UNSEALED' THEN 1
    WHEN 'BROKEN' THEN 2
    WHEN 'STOPPED' THEN 3
    WHEN 'FOREIGN_KEY' THEN 4
    WHEN 'UNVERIFIED' THEN 5
    ELSE 6
  END,
  trails DESC,
  reason
