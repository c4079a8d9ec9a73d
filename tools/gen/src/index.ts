/** Writes generated files: definitions of our kinds and the reference pages. `main.ts` is the program. */
export { apiPages } from './api-pages.ts';
export { cliPages } from './cli-pages.ts';
export { definitionFiles } from './definition-files.ts';
