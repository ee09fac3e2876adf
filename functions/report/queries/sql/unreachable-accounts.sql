-- title: Unreachable accounts
-- answers: Accounts of the latest run with Regions that gave no answer, and the error that stood in the way
-- order: most Regions without an answer first, then account
SELECT
  account_id,
  max(account_name) AS account_name,
  max(ou_path) AS ou_path,
  count_if(state IN ('ACCESS_DENIED', 'THROTTLED', 'ERROR', 'NOT_SCANNED')) AS regions_unanswered,
  count(*) AS regions,
  array_join(
    array_agg(DISTINCT state ORDER BY state) FILTER (WHERE state IN ('ACCESS_DENIED', 'THROTTLED', 'ERROR', 'NOT_SCANNED')),
    ', '
  ) AS states,
  max(error_code) FILTER (WHERE state IN ('ACCESS_DENIED', 'THROTTLED', 'ERROR', 'NOT_SCANNED')) AS error_code,
  max(error_message) FILTER (WHERE state IN ('ACCESS_DENIED', 'THROTTLED', 'ERROR', 'NOT_SCANNED')) AS error_message
FROM latest_coverage
GROUP BY account_id
HAVING count_if(state IN ('ACCESS_DENIED', 'THROTTLED', 'ERROR', 'NOT_SCANNED')) > 0
ORDER BY regions_unanswered DESC, account_id
