/**
 * Changes are gathered in windows of time: what comes in one is one run. A window's name is that of its execution, and of
 * its folder `runs/<name>/` in the report root.
 */
export const windowAt = (ms: number, seconds: number): string => {
  const start = Math.floor(ms / (seconds * 1_000)) * seconds * 1_000;
  return `watch-${new Date(start)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[:-]/g, '')}`;
};

/** When a window ends, milliseconds since 1970. */
export const endOf = (window: string, seconds: number): number => {
  const [, year, month, day, hour, minute, second] = WINDOW.exec(window.replace(WHOLE, '')) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) + seconds * 1_000;
};

export const WINDOW = /^watch-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

const WHOLE = /-whole$/;
/** The name of the whole run that follows the changes of a window. */
export const wholeRunOf = (window: string): string => `${window}-whole`;
export const isWholeRun = (name: string): boolean => WHOLE.test(name) && WINDOW.test(name.replace(WHOLE, ''));

/** Where the events of a window lie. */
export const eventsOf = (window: string): string => `runs/${window}/because/`;
