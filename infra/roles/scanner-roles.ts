/**
 * Names of the two roles that enter member accounts. They are fixed because the member roles trust them by name: a role
 * ARN as principal would turn into a dead id as soon as the scanner was deployed again.
 */
export const SCAN_ROLE = 'TrailSealScan';
export const INSPECT_ROLE = 'TrailSealInspect';

/** Name of the role that reads the report; people type it. */
export const AUDITOR_ROLE = 'TrailSealAuditor';
