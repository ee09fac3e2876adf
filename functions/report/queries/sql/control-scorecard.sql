-- title: Control scorecard
-- answers: For each control, how often the latest run found it met, failed, unverified, waived or not applicable
-- order: most failed first, then most unverified, then control
SELECT
  control_id,
  round(
    100 * CAST(count_if(status = 'PASS') AS double) / NULLIF(count(*) - count_if(status = 'NOT_APPLICABLE'), 0),
    1
  ) AS percent_met,
  count_if(status = 'PASS') AS passed,
  count_if(status = 'FAIL') AS failed,
  count_if(status = 'UNVERIFIED') AS unverified,
  count_if(status = 'WAIVED') AS waived,
  count_if(status = 'NOT_APPLICABLE') AS not_applicable
FROM latest_findings
GROUP BY control_id
ORDER BY failed DESC, unverified DESC, control_id
