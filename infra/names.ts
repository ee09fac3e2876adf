/** What a deployment is called where nobody says otherwise. */
export const DEFAULT_PREFIX = 'TrailSeal';

/**
 * Every name that a deployment gives to something of AWS: two deployments with prefixes of their own share none. Where AWS
 * or a habit wants small letters the prefix is in small letters.
 */
export const namesOf = ({ namePrefix: prefix = DEFAULT_PREFIX }: { namePrefix?: string | undefined } = {}) => {
  const small = prefix.toLowerCase();
  return {
    prefix,
    small,
    stacks: {
      scanner: prefix,
      catalog: `${prefix}Catalog`,
      memberRoles: `${prefix}MemberRoles`,
      managementRole: `${prefix}ManagementRole`,
      managementWatch: `${prefix}ManagementWatch`,
    },
    stackSet: `${prefix}MemberRole`,
    watchStackSet: `${prefix}MemberWatch`,
    bus: prefix,
    rule: (name: string): string => `${prefix}-${name}`,
    // The beginning of the names of the roles that may send to the bus, one in each account and Region.
    forwarder: `${prefix}Watch-`,
    // Fixed, because the member roles trust them by name: a role's ARN as principal would turn into a dead id as soon as
    // the scanner was deployed again.
    roles: { scan: `${prefix}Scan`, inspect: `${prefix}Inspect`, auditor: `${prefix}Auditor` },
    auditRole: `${prefix}Audit`,
    function: (handler: string): string => `${prefix}-${handler}`,
    logGroup: (handler: string): string => `/${small}/${handler}`,
    // Fixed, so that its own role can name it before it exists.
    workflow: prefix,
    // The prefix keeps the account's one resource policy for vended logs from growing.
    workflowLogGroup: `/aws/vendedlogs/states/${prefix}`,
    schedule: prefix,
    scheduleGroup: prefix,
    topic: prefix,
    dashboard: prefix,
    alarm: (name: string): string => `${prefix}-${name}`,
    alias: `alias/${small}`,
    signingAlias: `alias/${small}-signing`,
    metrics: prefix,
    database: small,
    workgroup: small,
  };
};
export type Names = ReturnType<typeof namesOf>;
