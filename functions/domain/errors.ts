/** An error a person can act on: a stable code, one sentence, the cause kept. The CLI prints the sentence alone. */
export class TrailSealError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'TrailSealError';
    this.code = code;
  }
}

/** The report root could not be read or written. */
export class StoreError extends TrailSealError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('STORE', message, options);
    this.name = 'StoreError';
  }
}
