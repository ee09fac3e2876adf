/** One thing to print, or to write beside the others. */
export interface RemediationFile {
  /** Safe as a file name; may hold `/`. */
  name: string;
  content: string;
  /** A script. */
  executable: boolean;
  /** One line: what it is for. */
  purpose: string;
}
