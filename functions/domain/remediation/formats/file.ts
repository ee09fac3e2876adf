/** One thing to print, or to write beside the others. */
export interface RemediationFile {
  /** Safe as a file name; may hold `/`. A script ends with `.sh`. */
  name: string;
  content: string;
  /** One line: what it is for. */
  purpose: string;
}
