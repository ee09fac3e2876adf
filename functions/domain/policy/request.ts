/** What a context key may be in a request: absent (null), or present with these values (one, unless the key is a list). */
export type KeyState = readonly string[] | null;

/**
 * The states a key may be in, by its lower-case name. One state: it is known. Several: the request is one of these.
 * undefined: nothing is known of it, and whatever rests on it is undecided.
 */
export type ContextReader = (key: string) => readonly KeyState[] | undefined;

/** Who asks. A service has one principal name per partition that gives it several. */
export type Caller =
  | { kind: 'SERVICE'; names: readonly string[] }
  /** An IAM user, role, assumed-role session or account root, by ARN. */
  | { kind: 'AWS'; arn: string };

export interface PolicyRequest {
  caller: Caller;
  /** e.g. `kms:Decrypt`. */
  action: string;
  resourceArn: string;
  context: ContextReader;
}

export const ABSENT: readonly KeyState[] = [null];

/** Absent, or present with a value that no policy names: for keys whose value in a request AWS does not document. */
export const UNLISTED: readonly KeyState[] = [null, ['\u0000unlisted']];
