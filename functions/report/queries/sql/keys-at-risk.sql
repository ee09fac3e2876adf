-- title: Keys at risk
-- answers: KMS keys of the latest run that stopped, or could stop, delivery or make logs unreadable, and who depends on them
-- order: keys that are not usable first, then most accounts depending, then key
WITH judged AS (
  SELECT
    key_arn,
    account_id,
    state,
    deletion_date,
    accounts_depending,
    trails_using,
    array_join(
      ARRAY[
        CASE WHEN state IS NULL THEN 'state unknown' WHEN state <> 'Enabled' THEN 'not usable: ' || state END,
        CASE WHEN manager IS NULL THEN 'manager unknown' WHEN manager <> 'CUSTOMER' THEN 'managed by AWS' END,
        CASE WHEN in_organization = false THEN 'outside the organization' END,
        CASE WHEN policy_allows_cloudtrail = false THEN 'policy refuses CloudTrail' END,
        CASE WHEN policy_allows_cloudtrail IS NULL AND manager = 'CUSTOMER' THEN 'policy unknown' END,
        CASE WHEN rotation_enabled = false THEN 'rotation off' END
      ],
      '; '
    ) AS risks
  FROM latest_keys
)
SELECT
  key_arn,
  risks,
  accounts_depending,
  trails_using,
  state,
  deletion_date,
  account_id
FROM judged
WHERE risks <> ''
ORDER BY
  CASE WHEN state IS NULL THEN 1 WHEN state <> 'Enabled' THEN 0 ELSE 2 END,
  accounts_depending DESC,
  key_arn
