/** What to type to call this program again: by npx or `npm start` it is not on the PATH. */
export const programName = (environment: NodeJS.ProcessEnv = process.env): string =>
  environment.npm_command === undefined ? 'trailseal' : 'npx trailseal';
