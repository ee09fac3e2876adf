-- title: Inferred coverage
-- answers: Accounts and Regions of the latest run whose verdict is inferred, not observed: a policy denies the Region, so a local trail made there before would not be seen
-- order: account, then Region
SELECT
  account_id,
  account_name,
  region,
  verdict,
  state,
  array_join(recording_trail_arns, ', ') AS inferred_from,
  ou_path
FROM latest_coverage
WHERE basis = 'INFERRED'
ORDER BY account_id, region
