-- title: Key blast radius
-- answers: What stops being recorded when a key of the latest run is disabled: trails, accounts and regions, and those with nothing else
-- order: most accounts first, then most regions, then key
WITH recorded AS (
  SELECT
    c.account_id,
    c.region,
    cardinality(c.recording_trail_arns) AS recording_trails,
    t.trail_arn,
    t.kms_key_arn
  FROM latest_coverage AS c
  CROSS JOIN UNNEST(c.recording_trail_arns) AS u(recording_trail_arn)
  INNER JOIN latest_trails AS t ON t.trail_arn = u.recording_trail_arn
  WHERE t.kms_key_arn IS NOT NULL
),
targets AS (
  SELECT
    kms_key_arn,
    account_id,
    region,
    max(recording_trails) = count(DISTINCT trail_arn) AS by_this_key_alone
  FROM recorded
  GROUP BY kms_key_arn, account_id, region
),
depending AS (
  SELECT
    kms_key_arn,
    count(DISTINCT account_id) AS accounts,
    count(*) AS targets,
    count_if(by_this_key_alone) AS targets_by_this_key_alone
  FROM targets
  GROUP BY kms_key_arn
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
