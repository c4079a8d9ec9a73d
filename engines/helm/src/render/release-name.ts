import { parseTemplates } from '@flux/gotemplate';
import { type SprigOptions, sprigFunctions } from '@flux/sprig';
import { RenderRequestError } from './render-error.ts';

const pattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const maxLength = 53;

/** What is wrong with any name that no release can have. */
export const releaseNameProblem = `invalid release name, must match regex ${pattern.source} and the length must not be longer than ${maxLength}`;

/** Whether a text can name a release (HELM-STORE-10). */
export function isReleaseName(name: string): boolean {
  return name.length <= maxLength && pattern.test(name);
}

/** Refuses a name that no release can have. */
export function checkReleaseName(name: string): void {
  if (name === '') throw new RenderRequestError('no name provided');
  if (!isReleaseName(name)) throw new RenderRequestError(releaseNameProblem);
}

/** A name out of a template of `--name-template`. */
export function renderNameTemplate(template: string, options: SprigOptions = {}): string {
  return parseTemplates({ 'name-template': template }, { functions: sprigFunctions(options) }).execute(
    'name-template',
    undefined,
  );
}
