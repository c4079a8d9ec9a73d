import type { KubeObject } from '@flux/apimachinery';
import { formatYaml, parseYaml } from '@flux/yaml';
import { EnvsubstError } from './envsubst-error.ts';
import { evaluate } from './evaluate.ts';

const optOut = 'kustomize.toolkit.fluxcd.io/substitute';
const variableName = /^[_a-zA-Z][_a-zA-Z0-9]*$/;

export interface SubstituteOptions {
  /** An unset variable is an error (KUS-SUB-10). */
  strict?: boolean;
  /** Substitute even without any variable, so that defaults and `$$` take effect (KUS-SUB-05). */
  always?: boolean;
}

/** Whether a label or annotation keeps the object as it is; unlike other Flux values this one is case-sensitive (KUS-SUB-02). */
export function isSubstitutionDisabled({ metadata }: KubeObject): boolean {
  return metadata?.labels?.[optOut] === 'disabled' || metadata?.annotations?.[optOut] === 'disabled';
}

/**
 * Substitutes in the object's YAML and reads the result back, so values are typed anew: a variable `5` in a bare position
 * becomes a number (KUS-SUB-07). Returns undefined for an object that opted out. Throws `EnvsubstError` with Flux's text.
 */
export function substituteVariables(
  object: KubeObject,
  variables: Readonly<Record<string, string>>,
  options: SubstituteOptions = {},
): KubeObject | undefined {
  if (isSubstitutionDisabled(object)) return undefined;
  const names = Object.keys(variables);
  if (names.length === 0 && !options.always) return object;
  const invalid = names.find((name) => !variableName.test(name));
  if (invalid !== undefined) {
    const rule = '^[_[:alpha:]][_[:alpha:][:digit:]]*$';
    throw new EnvsubstError(`envsubst error: '${invalid}' var name is invalid, must match '${rule}'`);
  }
  // Values lose their line breaks: they are put into a place that was written for one line (KUS-SUB-03).
  const lookup = (name: string) => (Object.hasOwn(variables, name) ? variables[name]!.replaceAll('\n', '') : undefined);
  return readBack(substitute(formatYaml(object), lookup, options.strict ?? false));
}

function substitute(text: string, lookup: (name: string) => string | undefined, strict: boolean): string {
  try {
    return evaluate(text, lookup, { strict });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EnvsubstError(`envsubst error: variable substitution failed: ${reason}`, { cause: error });
  }
}

function readBack(text: string): KubeObject {
  try {
    return parseYaml(text, { mode: 'sigs' }) as KubeObject;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EnvsubstError(`envsubst error: YAMLToJSON: ${reason}`, { cause: error });
  }
}
