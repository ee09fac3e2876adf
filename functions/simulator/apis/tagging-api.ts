import type { Operation, Service } from './service.ts';

const OPERATIONS: Record<string, Operation> = {
  GetResources: {
    action: 'tag:GetResources',
    quota: { rate: 15, burst: 15 },
    // Only what is or was tagged is listed, and nothing here ever was.
    run: () => ({ PaginationToken: '', ResourceTagMappingList: [] }),
  },
};

/** Resource Groups Tagging API. TrailSeal reads no tags; other tools ask for them beside the resources. */
export const tagging: Service = {
  name: 'tagging',
  protocol: 'json',
  throttling: { status: 400, code: 'ThrottledException', message: 'Rate exceeded' },
  operations: OPERATIONS,
};
