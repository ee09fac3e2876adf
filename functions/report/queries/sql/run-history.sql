-- title: Run history
-- answers: Every finished run: what it covered, how complete it was, how long it took and what it found
-- order: newest run first
SELECT
  run_id,
  status,
  scope,
  started_at,
  date_diff('second', started_at, finished_at) AS seconds,
  accounts,
  regions,
  targets,
  access_denied + throttled + error + not_scanned AS unanswered,
  inferred,
  encrypted,
  findings_failed,
  findings_unverified,
  findings_waived,
  api_calls,
  scope_filter,
  previous_run_id
FROM runs
ORDER BY run_id DESC
