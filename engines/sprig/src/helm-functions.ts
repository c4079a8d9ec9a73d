import { fn, type GoFunction, isStackOverflow, quote, type TemplateSet } from '@flux/gotemplate';
import { type SprigOptions, sprigFunctions } from './functions.ts';
import { durationFunctions } from './helm-durations.ts';
import { HelmMessage } from './helm-message.ts';
import { helmYamlFunctions } from './helm-yaml.ts';
import { tomlFunctions } from './toml.ts';

export interface HelmFunctionOptions extends SprigOptions {
  /** A missing key is an error. */
  strict?: boolean;
  /** Reads from a cluster; without it `lookup` finds nothing. */
  lookup?: (apiVersion: string, kind: string, namespace: string, name: string) => unknown;
}

/** More nested uses of one template than this are an error. */
const maxIncludes = 1000;

/** The functions of Helm 4 that do not depend on the templates of the chart. */
export function helmFunctions(options: HelmFunctionOptions = {}): Record<string, GoFunction> {
  const { lookup } = options;
  return Object.assign(sprigFunctions(options), helmYamlFunctions, durationFunctions, tomlFunctions, {
    required: fn('string, any', (message: string, value: unknown) => {
      if (value === undefined || value === null || value === '') throw new HelmMessage(message);
      return value;
    }),
    fail: fn('string', (message: string) => {
      throw new HelmMessage(message);
    }),
    lookup: fn(
      'string, string, string, string',
      (apiVersion: string, kind: string, namespace: string, name: string) => {
        return lookup?.(apiVersion, kind, namespace, name) ?? {};
      },
    ),
  });
}

/** `include` and `tpl`, which call templates of the set. */
export function includeFunctions(
  set: () => TemplateSet,
  strict: boolean,
  used = new Map<string, number>(),
): Record<string, GoFunction> {
  const options = { missingKey: strict ? 'error' : 'zero' } as const;
  return {
    include: fn('string, any', (name: string, data: unknown) => {
      const count = used.get(name) ?? 0;
      if (count > maxIncludes)
        throw new Error(`rendering template has a nested reference name: ${name}: unable to execute template`);
      used.set(name, count + 1);
      try {
        return set().execute(name, data, options);
      } finally {
        used.set(name, (used.get(name) ?? 1) - 1);
      }
    }),
    tpl: fn('string, any', (text: string, data: unknown) => {
      const own: TemplateSet = set().clone({ functions: includeFunctions(() => own, strict, used) });
      const template = wrapErrors(`cannot parse template ${quote(text)}`, () => own.parse(own.name, text));
      // What was just parsed, not what has its name: inside of another tpl, empty text leaves the outer one under it.
      const output = wrapErrors(`error during tpl function execution for ${quote(text)}`, () =>
        own.run(template, data, options),
      );
      return output.replaceAll('<no value>', '');
    }),
  };
}

function wrapErrors<T>(message: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isStackOverflow(error)) throw error;
    throw new Error(`${message}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
