-- title: Organizational unit scorecard
-- answers: For each organizational unit of the latest run, how many accounts and Regions are encrypted, at risk, unknown or excluded
-- order: most accounts and Regions at risk first, then most unknown, then path
SELECT
  ou_path,
  count(DISTINCT account_id) AS accounts,
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
  count_if(verdict = 'NOT_APPLICABLE') AS not_applicable,
  count_if(state = 'EXCLUDED') AS excluded
FROM latest_coverage
GROUP BY ou_path
ORDER BY at_risk DESC, unknown DESC, ou_path
