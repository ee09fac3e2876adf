/** CPU seconds that something takes in this process: a clock would also count what a busy machine does beside it. */
export const cpuSecondsOf = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};
