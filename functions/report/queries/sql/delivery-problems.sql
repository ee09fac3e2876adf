-- title: Delivery problems
-- answers: Trails of the latest run that do not deliver, or of which it is not known: stopped, in error, silent, or failing in members
-- order: most accounts covered first, then most members in error, then trail
SELECT
  trail_arn,
  verdict,
  reason,
  is_logging,
  latest_delivery_error,
  latest_delivery_at,
  latest_digest_at,
  accounts_covered,
  member_errors,
  key_state,
  bucket
FROM latest_trails
WHERE
  verdict IN ('STOPPED', 'BROKEN')
  OR is_logging IS NULL
  OR is_logging = false
  OR latest_delivery_error IS NOT NULL
  OR member_errors > 0
  OR reason IN ('SILENT', 'MEMBER_SILENT')
ORDER BY accounts_covered DESC, member_errors DESC, trail_arn
