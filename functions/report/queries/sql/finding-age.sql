-- title: Finding age
-- answers: How long the latest run's open findings have been open, by severity
-- order: worst severity first
SELECT
  f.severity,
  count(*) AS findings,
  count_if(date_diff('day', f.first_seen_at, r.finished_at) <= 7) AS up_to_7_days,
  count_if(date_diff('day', f.first_seen_at, r.finished_at) BETWEEN 8 AND 30) AS up_to_30_days,
  count_if(date_diff('day', f.first_seen_at, r.finished_at) BETWEEN 31 AND 90) AS up_to_90_days,
  count_if(date_diff('day', f.first_seen_at, r.finished_at) > 90) AS older,
  min(f.first_seen_at) AS oldest
FROM latest_findings AS f
INNER JOIN latest_runs AS r ON r.run_id = f.run_id
WHERE f.status IN ('FAIL', 'UNVERIFIED')
GROUP BY f.severity
ORDER BY CASE f.severity WHEN 'CRITICAL' THEN 1 WHEN 'HIGH' THEN 2 WHEN 'MEDIUM' THEN 3 WHEN 'LOW' THEN 4 ELSE 5 END
