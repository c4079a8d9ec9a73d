import type { JsonObject } from '@flux/apimachinery';
import { cloneJson, ensureObject, setField } from './json.ts';
import type { Resource } from './resource.ts';

const domain = 'internal.config.kubernetes.io/';

/** The object with its history as annotations, the way kustomize shows it in messages. */
export function describeResource(resource: Resource): JsonObject {
  const object = cloneJson(resource.object);
  const metadata = ensureObject(object, 'metadata');
  if (metadata === undefined || !resource.hasHistory) return object;
  const annotations = ensureObject(metadata, 'annotations');
  if (annotations === undefined) return object;
  const add = (name: string, values: readonly string[]): void => {
    if (values.length > 0) setField(annotations, domain + name, values.join(','));
  };
  const { previous, prefixes, suffixes, behavior } = resource;
  if (behavior !== undefined) add('generatorBehavior', [behavior]);
  if (resource.allowsNameChange) add('allowNameChange', ['enabled']);
  if (resource.allowsKindChange) add('allowKindChange', ['enabled']);
  if (resource.needsHash) add('needsHashSuffix', ['enabled']);
  add('prefixes', prefixes);
  add('suffixes', suffixes);
  add(
    'previousKinds',
    previous.map(({ kind }) => kind),
  );
  add(
    'previousNames',
    previous.map(({ name }) => name),
  );
  add(
    'previousNamespaces',
    previous.map(({ namespace }) => namespace),
  );
  return object;
}
