-- title: Duplicate recording
-- answers: Accounts of the latest run whose management events are recorded more than once: each further copy is paid for, and one without a key decides the verdict
-- order: most Regions recorded twice or more first, then account
SELECT
  account_id,
  max(account_name) AS account_name,
  count(*) AS regions,
  max(cardinality(recording_trail_arns)) AS most_copies,
  sum(cardinality(recording_trail_arns) - 1) AS further_copies,
  count_if(verdict = 'UNENCRYPTED') AS regions_unencrypted,
  max(array_join(recording_trail_arns, ', ')) AS example
FROM latest_coverage
WHERE cardinality(recording_trail_arns) > 1
GROUP BY account_id
ORDER BY regions DESC, account_id
