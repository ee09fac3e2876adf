import type { ReportStore } from '../../domain/model/store.ts';

const MAP_RESULTS = /^runs\/[^/]+\/map\//;

/** A report root whose map results, which Step Functions writes by itself, lie in another bucket. */
export const withMapResults = (store: ReportStore, results: ReportStore): ReportStore => {
  const at = (key: string): ReportStore => (MAP_RESULTS.test(key) ? results : store);
  return {
    root: store.root,
    write: (key, body) => at(key).write(key, body),
    read: (key) => at(key).read(key),
    open: (key) => at(key).open(key),
    list: (prefix) => at(prefix).list(prefix),
    objectKey: (key) => at(key).objectKey(key),
  };
};
