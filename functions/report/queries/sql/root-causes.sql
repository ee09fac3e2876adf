-- title: Root causes
-- answers: What to fix first: each cause behind the latest run's open findings and unknown Regions, how far it reaches, and the one fix that repairs all of it
-- order: worst severity first, then most accounts, most accounts × Regions, most findings
WITH unmet AS (
  SELECT
    root_cause_id,
    root_cause,
    root_cause_fix,
    control_id,
    status,
    -- tables of before the column was kept have the severity of the controls only
    coalesce(root_cause_severity, severity) AS severity,
    account_id,
    region
  FROM latest_findings
  WHERE status IN ('FAIL', 'UNVERIFIED') AND root_cause_id IS NOT NULL
  UNION ALL
  -- what only a target shows: a second trail that cannot be judged there
  SELECT
    root_cause_id,
    root_cause,
    root_cause_fix,
    '' AS control_id,
    '' AS status,
    root_cause_severity AS severity,
    account_id,
    region
  FROM latest_coverage
  WHERE root_cause IS NOT NULL
    AND root_cause_id NOT IN (
      SELECT root_cause_id FROM latest_findings
      WHERE status IN ('FAIL', 'UNVERIFIED', 'WAIVED') AND root_cause_id IS NOT NULL
    )
),
ranked AS (
  SELECT
    root_cause_id,
    CASE severity WHEN 'CRITICAL' THEN 1 WHEN 'HIGH' THEN 2 WHEN 'MEDIUM' THEN 3 WHEN 'LOW' THEN 4 ELSE 5 END AS severity_rank,
    severity,
    root_cause,
    root_cause_fix,
    control_id,
    status
  FROM unmet
),
places AS (
  SELECT root_cause_id, account_id, region, 0 AS targets FROM unmet
  UNION ALL
  SELECT root_cause_id, account_id, region, 1 AS targets FROM latest_coverage WHERE root_cause_id IS NOT NULL
),
reach AS (
  SELECT
    root_cause_id,
    count(DISTINCT account_id) AS accounts,
    count(DISTINCT region) AS regions,
    sum(targets) AS targets
  FROM places
  GROUP BY root_cause_id
),
causes AS (
  SELECT
    root_cause_id,
    min(severity_rank) AS severity_rank,
    min_by(severity, severity_rank) AS severity,
    max(root_cause) AS root_cause,
    max(root_cause_fix) AS one_fix,
    count_if(control_id <> '') AS findings,
    count_if(status = 'FAIL') AS failed,
    count_if(status = 'UNVERIFIED') AS unverified,
    array_join(array_agg(DISTINCT control_id ORDER BY control_id), ', ') AS controls
  FROM ranked
  GROUP BY root_cause_id
)
SELECT
  c.severity,
  c.root_cause,
  c.findings,
  r.accounts,
  r.regions,
  c.one_fix,
  c.controls,
  c.failed,
  c.unverified,
  c.root_cause_id,
  r.targets
FROM causes AS c
INNER JOIN reach AS r ON r.root_cause_id = c.root_cause_id
ORDER BY c.severity_rank, r.accounts DESC, r.targets DESC, c.findings DESC, c.root_cause_id
