/**
 * What to type to call this program again: by npx or `npm start` it is not on the PATH. Without `--no-install`, npx would
 * look for a package of this name and run it wherever the command is typed outside the checkout, with the shell's credentials.
 */
export const programName = (environment: NodeJS.ProcessEnv = process.env): string =>
  environment.npm_command === undefined ? 'trailseal' : 'npx --no-install trailseal';
