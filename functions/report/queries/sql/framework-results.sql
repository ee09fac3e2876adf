-- title: Framework results
-- answers: What the latest run says of every requirement of every framework; never that one is met: each asks for more than is evidenced here
-- order: as `trailseal frameworks` lists them
WITH catalogue (position, framework_id, requirement_id, title, control_ids, deciding_ids, condition) AS (
  VALUES
    -- a row for each requirement of `trailseal frameworks`
),
counted AS (
  SELECT
    control_id,
    count_if(status = 'PASS') AS passed,
    count_if(status = 'FAIL') AS failed,
    count_if(status = 'UNVERIFIED') AS unverified,
    count_if(status = 'WAIVED') AS waived
  FROM latest_findings
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
    coalesce(sum(n.waived), 0) AS waived,
    max(array_join(c.deciding_ids, ', ')) AS decided_by,
    coalesce(sum(CASE WHEN contains(c.deciding_ids, u.control_id) THEN n.passed END), 0) AS deciding_passed,
    coalesce(sum(CASE WHEN contains(c.deciding_ids, u.control_id) THEN n.failed END), 0) AS deciding_failed,
    coalesce(sum(CASE WHEN contains(c.deciding_ids, u.control_id) THEN n.unverified END), 0) AS deciding_unverified,
    coalesce(sum(CASE WHEN contains(c.deciding_ids, u.control_id) THEN n.waived END), 0) AS deciding_waived
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
    WHEN q.deciding_failed > 0 THEN 'NOT_SUPPORTED'
    WHEN q.deciding_unverified > 0 OR r.status = 'PARTIAL' OR g.targets > 0 THEN 'INCONCLUSIVE'
    WHEN q.deciding_waived > 0 THEN 'WAIVED'
    WHEN q.deciding_passed > 0 THEN 'SUPPORTED'
    -- where no check decides, those that support it may pass, and otherwise leave it open
    WHEN q.decided_by = '' AND q.failed + q.unverified > 0 THEN 'INCONCLUSIVE'
    WHEN q.decided_by = '' AND q.waived > 0 THEN 'WAIVED'
    WHEN q.decided_by = '' AND q.passed > 0 THEN 'SUPPORTED'
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
  r.run_id,
  q.decided_by,
  q.deciding_failed
FROM results AS q
CROSS JOIN latest_runs AS r
CROSS JOIN gaps AS g
ORDER BY q.position
