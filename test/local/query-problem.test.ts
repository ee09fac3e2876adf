import { describe, expect, it } from '@jest/globals';
import { queryProblem } from '../../functions/local/query-problem.ts';

describe("DuckDB's errors in our words", () => {
  it.each([
    [
      'a table',
      'select * from finding',
      'Catalog Error: Table with name finding does not exist!\nDid you mean "pg_index"?\n\nLINE 1: …',
      /^There is no table finding: did you mean findings\? The tables are coverage, .*current_runs\.$/,
    ],
    [
      'a column',
      'select acount_id from latest_findings',
      'Binder Error: Referenced column "acount_id" not found in FROM clause!\nCandidate bindings: "x"\n\nLINE 1: …',
      /^There is no column acount_id: did you mean account_id\? latest_findings has run_id, finding_id, .*run_date\.$/,
    ],
    [
      'a column of an alias, far from any',
      'select r.zzzzzzzzzz from runs r',
      'Binder Error: Table "r" does not have a column named "zzzzzzzzzz"\n\nCandidate bindings: : "run_id"',
      /^There is no column zzzzzzzzzz\. runs has run_id, status, /,
    ],
    [
      'the grammar',
      'select\ncount(* from runs',
      'Parser Error: syntax error at or near "from"\n\nLINE 2: count(* from runs\n                ^',
      /^The SQL cannot be parsed near "from" \(line 2\)\.$/,
    ],
    ['its end', 'select', 'Parser Error: syntax error at end of input', /^The SQL cannot be parsed at its end\.$/],
    [
      'a type',
      'select run_date + 1 from runs',
      "Binder Error: No function matches the given name and argument types '+(VARCHAR, INTEGER_LITERAL)'. You might need to add explicit type casts.\n\tCandidate functions:\n\t+(TINYINT) -> TINYINT",
      /^The SQL cannot be run: No function matches .* explicit type casts\.$/,
    ],
  ])('%s', (_, sql, message, words) => expect(queryProblem(message, sql)).toMatch(words));
});
