import type { EventSelectors, ManagementEvents } from './account-access.ts';
export function managementEvents(s: EventSelectors): ManagementEvents {
  const rw = s.basic.filter((b) => b.includeManagementEvents).map((b) => b.readWriteType);
  if (rw.includes('All')) return 'ALL';
  return s.advanced.length > 0 ? 'ALL' : 'NONE';
}
export function unionOfManagementEvents(list: readonly ManagementEvents[]): ManagementEvents {
  return list.includes('ALL') ? 'ALL' : (list[0] ?? 'NONE');
}
