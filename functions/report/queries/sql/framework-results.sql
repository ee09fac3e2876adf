-- title: Framework results
-- answers: What the latest run says of every requirement of every framework; never that one is met: each asks for more than is evidenced here
-- order: as `trailseal frameworks` lists them
WITH catalogue (position, framework_id, requirement_id, title, control_ids, condition) AS (
  VALUES
    -- a row for each requirement of `trailseal frameworks`
),
judged AS (
  SELECT control_id, status
  FROM latest_findings
  UNION ALL
  SELECT
    'bucket-expiry',
    CASE
      WHEN expires_after_days >= 365 THEN 'PASS'
      WHEN expires_after_days IS NOT NULL THEN 'FAIL'
      WHEN expiry_known THEN 'PASS'
      ELSE 'UNVERIFIED'
    END
  FROM latest_buckets
),
counted AS (
  SELECT
    control_id,
    count_if(status = 'PASS') AS passed,
    count_if(status = 'FAIL') AS failed,
    count_if(status = 'UNVERIFIED') AS unverified,
    count_if(status = 'WAIVED') AS waived
  FROM judged
  GROUP BY control_id
),
gaps AS (
  SELECT count_if(verdict = 'UNVERIFIED' AND state <> 'EXCLUDED') AS targets
  FROM latest_coverage
),
results AS (
  SELECT
    c.position,
    max(c.framework_id) AS framework_id,
    max(c.requirement_id) AS requirement_id,
    max(c.title) AS title,
    max(c.condition) AS condition,
    max(array_join(c.control_ids, ', ')) AS controls,
    coalesce(sum(n.passed), 0) AS passed,
    coalesce(sum(n.failed), 0) AS failed,
    coalesce(sum(n.unverified), 0) AS unverified,
    coalesce(sum(n.waived), 0) AS waived
  FROM catalogue AS c
  CROSS JOIN UNNEST(c.control_ids) AS u (control_id)
  LEFT JOIN counted AS n ON n.control_id = u.control_id
  GROUP BY c.position
)
SELECT
  q.framework_id,
  q.requirement_id,
  q.title,
  CASE
    WHEN q.condition = 'ACCOUNT_DATA_IN_SCOPE' THEN 'OUT_OF_SCOPE'
    WHEN q.controls = '' THEN 'NO_EVIDENCE'
    WHEN q.failed > 0 THEN 'NOT_SUPPORTED'
    WHEN q.unverified > 0 OR r.status = 'PARTIAL' OR g.targets > 0 THEN 'INCONCLUSIVE'
    WHEN q.waived > 0 THEN 'WAIVED'
    WHEN q.passed > 0 THEN 'SUPPORTED'
    ELSE 'NO_EVIDENCE'
  END AS outcome,
  q.passed,
  q.failed,
  q.unverified,
  q.waived,
  q.controls,
  q.condition,
  r.status AS run_status,
  r.scope AS run_scope,
  r.run_id
FROM results AS q
CROSS JOIN latest_runs AS r
CROSS JOIN gaps AS g
ORDER BY q.position
