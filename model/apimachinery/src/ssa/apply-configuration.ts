import { FluxError } from '@flux/errors';
import type { JsonValue, KubeObject } from '../object.ts';
import type { Schema } from '../schema.ts';
import { type Atom, atomOf } from './atom.ts';
import { fieldElement, formatElement, indexElement } from './path-element.ts';
import { formatTypedErrors, isMap, type Value } from './typed.ts';
import { MergeProblem, mergeTyped } from './typed-merge.ts';
import { validateTyped } from './typed-validate.ts';

/** A configuration of a mutating admission policy that cannot be merged; the texts are those of Kubernetes. */
export class ApplyConfigurationError extends FluxError {
  override readonly code = 'APPLY_CONFIGURATION';
}

/**
 * Merges fields into an object as server-side apply does, without field owners. What would be replaced as a whole is
 * refused, because fields that are not named would get lost.
 */
export function mergeConfiguration(object: KubeObject, configuration: JsonValue, schema: Schema): JsonValue {
  const atom = atomOf(schema);
  const live = object as unknown as JsonValue;
  check('failed to convert patch object to typed object', validateTyped(configuration, atom, false));
  const atomics = findAtomics(configuration, atom, '');
  if (atomics.length > 0) {
    throw new ApplyConfigurationError(
      `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`,
    );
  }
  check('failed to convert original object to typed object', validateTyped(live, atom, true));
  try {
    return mergeTyped(live, configuration, atom) ?? live;
  } catch (error) {
    if (!(error instanceof MergeProblem)) throw error;
    throw new ApplyConfigurationError(`error applying patch: failed to merge patch: ${error.message}`);
  }
}

function check(what: string, errors: ReturnType<typeof validateTyped>): void {
  if (errors.length === 0) return;
  throw new ApplyConfigurationError(`error applying patch: ${what}: ${formatTypedErrors(errors)}`);
}

function findAtomics(value: Value, atom: Atom, path: string): string[] {
  if (isMap(value) && atom.map) {
    const { map } = atom;
    const below = Object.entries(value).flatMap(([name, member]) => {
      const field = map.field(name);
      return field ? findAtomics(member, field, path + formatElement(fieldElement(name))) : [];
    });
    return map.isAtomic ? [path, ...below] : below;
  }
  if (Array.isArray(value) && atom.list) {
    const { list } = atom;
    const below = value.flatMap((item, index) =>
      findAtomics(item, list.element, path + formatElement(indexElement(index))),
    );
    return list.isAtomic ? [path, ...below] : below;
  }
  return [];
}
