-- title: Key blast radius
-- answers: What stops being recorded when a key of the latest run is disabled: trails, accounts and Regions, and those with nothing else
-- order: most accounts first, then most Regions, then key
-- Millions of accounts and Regions have few distinct lists of trails: the lists are unnested, not the rows.
WITH lists AS (
  SELECT DISTINCT recording_trail_arns AS trails FROM latest_coverage
),
keys_of AS (
  SELECT
    l.trails,
    t.kms_key_arn,
    count(*) = cardinality(l.trails) AS this_key_alone
  FROM lists AS l
  CROSS JOIN UNNEST(l.trails) AS u(recording_trail_arn)
  INNER JOIN latest_trails AS t ON t.trail_arn = u.recording_trail_arn
  WHERE t.kms_key_arn IS NOT NULL
  GROUP BY l.trails, t.kms_key_arn
),
depending AS (
  SELECT
    k.kms_key_arn,
    count(DISTINCT c.account_id) AS accounts,
    count(*) AS targets,
    count_if(k.this_key_alone) AS targets_by_this_key_alone
  FROM latest_coverage AS c
  INNER JOIN keys_of AS k ON k.trails = c.recording_trail_arns
  GROUP BY k.kms_key_arn
),
using_it AS (
  SELECT
    kms_key_arn,
    count(*) AS trails,
    count_if(is_organization) AS organization_trails,
    count(DISTINCT bucket) AS buckets
  FROM latest_trails
  WHERE kms_key_arn IS NOT NULL
  GROUP BY kms_key_arn
)
SELECT
  k.key_arn,
  k.state,
  k.deletion_date,
  COALESCE(d.accounts, 0) AS accounts,
  COALESCE(d.targets, 0) AS targets,
  COALESCE(d.targets_by_this_key_alone, 0) AS targets_by_this_key_alone,
  COALESCE(u.trails, 0) AS trails,
  COALESCE(u.organization_trails, 0) AS organization_trails,
  COALESCE(u.buckets, 0) AS buckets,
  k.account_id
FROM latest_keys AS k
LEFT JOIN depending AS d ON d.kms_key_arn = k.key_arn
LEFT JOIN using_it AS u ON u.kms_key_arn = k.key_arn
ORDER BY accounts DESC, targets DESC, k.key_arn
