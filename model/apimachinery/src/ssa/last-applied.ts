import { marshalGo } from '../go-format.ts';
import type { JsonObject, KubeObject } from '../object.ts';
import type { Atom } from './atom.ts';
import type { FieldSet } from './field-set.ts';
import { compareTyped } from './typed-compare.ts';
import { typedSet } from './typed-set.ts';
import { validateTyped } from './typed-validate.ts';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** The fields that kubectl's client-side apply set and that are still as it set them. */
export function allowedByLastApplied(live: KubeObject, apiVersion: string, atom: Atom): FieldSet | undefined {
  const text = live.metadata.annotations?.[annotation];
  const last = text === undefined ? undefined : parseObject(text);
  if (last === undefined || last['apiVersion'] !== apiVersion) return undefined;
  if (validateTyped(last, atom, false).length > 0) return undefined;
  const { added, modified, removed } = compareTyped(last, live as unknown as JsonObject, atom);
  return typedSet(last, atom).difference(modified).difference(added).difference(removed);
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the annotation of client-side apply in step, so that the user can go back to it. */
export function syncLastApplied(object: KubeObject, applied: KubeObject): KubeObject {
  const annotations = object.metadata.annotations;
  if (!annotations?.[annotation]) return object;
  const { [annotation]: _, ...others } = applied.metadata.annotations ?? {};
  const { annotations: __, ...metadata } = applied.metadata;
  const config = {
    ...applied,
    metadata: { ...metadata, ...(Object.keys(others).length > 0 && { annotations: others }) },
  };
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...annotations, [annotation]: `${marshalGo(config)}\n` } },
  };
}
