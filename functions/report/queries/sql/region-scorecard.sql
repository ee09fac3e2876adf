-- title: Region scorecard
-- answers: For each Region of the latest run, in how many accounts the logs are encrypted, at risk, unknown or excluded
-- order: most accounts at risk first, then most unknown, then Region
SELECT
  region,
  count(*) AS accounts,
  round(
    100 * CAST(count_if(verdict = 'ENCRYPTED') AS double) / NULLIF(
      count_if(verdict <> 'NOT_APPLICABLE' AND state <> 'EXCLUDED'),
      0
    ),
    1
  ) AS percent_encrypted,
  count_if(verdict = 'ENCRYPTED') AS encrypted,
  count_if(verdict IN ('UNENCRYPTED', 'FOREIGN_KEY', 'BROKEN', 'NOT_LOGGING', 'NO_TRAIL')) AS at_risk,
  count_if(verdict = 'UNVERIFIED' AND state <> 'EXCLUDED') AS unknown,
  count_if(state = 'REGION_DISABLED') AS disabled,
  count_if(state = 'REGION_DENIED') AS denied_by_policy,
  count_if(basis = 'INFERRED') AS inferred,
  count_if(state = 'EXCLUDED') AS excluded
FROM latest_coverage
GROUP BY region
ORDER BY at_risk DESC, unknown DESC, region
