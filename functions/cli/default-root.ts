/** Where reports are written and read unless an option says otherwise. */
export const DEFAULT_ROOT = './trailseal-report';
