-- title: Who can decrypt
-- answers: Who outside a key's own account its policy lets decrypt the logs of the latest run, key by key, and keys whose policy nobody could read
-- order: keys whose policy was not read first, then anyone, then outside the organization, then key and reader
-- An account id means the whole account, o-… every principal of an organization, * anyone.
WITH known AS (
  SELECT DISTINCT account_id FROM latest_coverage
),
readers AS (
  SELECT
    k.key_arn,
    k.account_id,
    u.reader,
    CASE
      WHEN u.reader LIKE 'arn:%' THEN split_part(u.reader, ':', 5)
      WHEN length(u.reader) = 12 AND u.reader NOT LIKE 'o-%' THEN u.reader
    END AS reader_account_id
  FROM latest_keys AS k
  CROSS JOIN UNNEST(k.external_readers) AS u(reader)
  UNION ALL
  SELECT
    key_arn,
    account_id,
    NULL AS reader,
    NULL AS reader_account_id
  FROM latest_keys
  WHERE COALESCE(policy_read, FALSE) = FALSE
)
SELECT
  r.key_arn,
  r.account_id,
  COALESCE(r.reader, '(the key policy was not read)') AS reader,
  r.reader_account_id,
  CASE
    WHEN r.reader IS NULL OR (r.reader LIKE 'o-%' AND o.organization_id IS NULL) THEN NULL
    WHEN r.reader LIKE 'o-%' THEN r.reader = o.organization_id
    WHEN r.reader_account_id IS NULL THEN FALSE
    ELSE a.account_id IS NOT NULL
  END AS in_organization,
  k.trails_using,
  k.accounts_depending
FROM readers AS r
INNER JOIN latest_keys AS k ON k.key_arn = r.key_arn
LEFT JOIN known AS a ON a.account_id = r.reader_account_id
CROSS JOIN (SELECT max(organization_id) AS organization_id FROM latest_runs) AS o
ORDER BY
  CASE WHEN r.reader IS NULL THEN 0 WHEN r.reader LIKE '*%' THEN 1 ELSE 2 END,
  CASE WHEN a.account_id IS NULL THEN 0 ELSE 1 END,
  r.key_arn,
  r.reader
