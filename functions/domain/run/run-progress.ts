/** How many children of a map have ended. */
export interface MapProgress {
  map: string;
  done: number;
  /** Went on after a failure. */
  recorded: number;
  /** Did not. */
  failed: number;
}

/** How far a run has come, on a laptop and in Step Functions alike. */
export type RunProgress =
  | { type: 'state-entered'; state: string }
  /** `output` is what the next state gets. */
  | { type: 'state-exited'; state: string; output: unknown }
  | ({ type: 'map-progress' } & MapProgress);
