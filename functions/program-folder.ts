/**
 * The folder of the program: `functions/` in the checkout, `dist/` where it is built. What is read at run time is found
 * from here, since a module's own place is lost in a bundle.
 */
export const PROGRAM_FOLDER = new URL('./', import.meta.url);
