/** What one change is in bash. */
export interface Lines {
  accountId: string | null;
  /** Library functions that the lines call, in the order of their definitions. */
  functions: string[];
  /** Run before anything is changed. */
  checks: string[];
  lines: string[];
}

export const lines = (accountId: string | null, functions: string[], body: string[]): Lines => ({
  accountId,
  functions,
  checks: [],
  lines: body,
});
