/** Where reports are written and read unless a command is told otherwise. */
export const DEFAULT_ROOT = './trailseal-report';
