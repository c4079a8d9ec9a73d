import { UsageError } from '../command/errors.ts';

/** Controllers that this build has. */
export const availableComponents: readonly string[] = ['source-controller', 'kustomize-controller', 'helm-controller'];
export const defaultComponents = availableComponents;

/** The chosen components in the order of installation; an unknown or repeated one is refused. */
export function chooseComponents(components: readonly string[], extra: readonly string[]): readonly string[] {
  const chosen = [...components, ...extra];
  for (const name of chosen) {
    if (!availableComponents.includes(name)) throw new UsageError(`component ${name} is not available`);
  }
  const repeated = chosen.find((name, at) => chosen.indexOf(name) !== at);
  if (repeated !== undefined) throw new UsageError(`component ${repeated} is already in the list`);
  return chosen;
}
