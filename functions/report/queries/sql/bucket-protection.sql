-- title: Bucket protection
-- answers: For each bucket that receives trails in the latest run, what protects it, what does not, and how long logs stay
-- order: most trails first among those with problems, then the others; then bucket
WITH judged AS (
  SELECT
    bucket,
    account_id,
    region,
    trails_using,
    versioning,
    default_encryption,
    object_lock_mode,
    object_lock_days,
    expires_after_days,
    array_join(
      ARRAY[
        CASE WHEN account_id IS NULL THEN 'owner unknown' END,
        CASE WHEN in_organization = false THEN 'outside the organization' END,
        CASE WHEN public_blocked IS NULL THEN 'public access unknown' WHEN public_blocked = false THEN 'public access not blocked' END,
        CASE WHEN tls_only IS NULL THEN 'TLS unknown' WHEN tls_only = false THEN 'TLS not required' END,
        CASE WHEN versioning IS NULL THEN 'versioning unknown' WHEN versioning <> 'Enabled' THEN 'versioning off' END,
        CASE WHEN default_encryption IS NULL THEN 'no default encryption known' END
      ],
      '; '
    ) AS problems
  FROM latest_buckets
)
SELECT
  bucket,
  problems,
  trails_using,
  object_lock_mode,
  object_lock_days,
  expires_after_days,
  versioning,
  default_encryption,
  account_id,
  region
FROM judged
ORDER BY CASE WHEN problems = '' THEN 1 ELSE 0 END, trails_using DESC, bucket
