import { parseTemplates } from '@flux/gotemplate';
import { type SprigOptions, sprigFunctions } from '@flux/sprig';
import { RenderRequestError } from './render-error.ts';

const pattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const maxLength = 53;

/** Refuses a name that no release can have (HELM-STORE-10). */
export function checkReleaseName(name: string): void {
  if (name === '') throw new RenderRequestError('no name provided');
  if (name.length <= maxLength && pattern.test(name)) return;
  throw new RenderRequestError(
    `invalid release name, must match regex ${pattern.source} and the length must not be longer than ${maxLength}`,
  );
}

/** A name out of a template of `--name-template`. */
export function renderNameTemplate(template: string, options: SprigOptions = {}): string {
  return parseTemplates({ 'name-template': template }, { functions: sprigFunctions(options) }).execute(
    'name-template',
    undefined,
  );
}
