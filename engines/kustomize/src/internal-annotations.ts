import { fieldOf, isObject, scalarText } from './json.ts';
import type { Behavior, Resource } from './resource.ts';

const domain = 'internal.config.kubernetes.io/';

/** Annotations that kustomize keeps for itself and removes from every result (KUS-BUILD-08). */
export const internalAnnotations: ReadonlySet<string> = new Set([
  ...[
    'previousKinds',
    'previousNames',
    'prefixes',
    'suffixes',
    'previousNamespaces',
    'allowNameChange',
    'allowKindChange',
    'refBy',
    'generatorBehavior',
    'needsHashSuffix',
    'path',
    'index',
    'seqindent',
    'id',
    'annotations-migration-resource-id',
    'helm-generated',
  ].map((name) => domain + name),
  'config.kubernetes.io/path',
  'config.kubernetes.io/index',
  'config.k8s.io/id',
]);

/** Reads the internal annotations that a manifest brings along into fields of the resource. */
export function takeInternalAnnotations(resource: Resource): void {
  const { metadata } = resource;
  const annotations = metadata === undefined ? undefined : fieldOf(metadata, 'annotations');
  if (!isObject(annotations)) return;
  for (const key of Object.keys(annotations)) {
    if (!key.startsWith(domain)) continue;
    const value = scalarText(annotations[key]);
    if (!takeOne(resource, key.slice(domain.length), value)) continue;
    delete annotations[key];
  }
}

function takeOne(resource: Resource, name: string, value: string): boolean {
  switch (name) {
    case 'needsHashSuffix':
      resource.needsHash = value === 'enabled';
      return true;
    case 'generatorBehavior':
      resource.behavior = parseBehavior(value);
      return true;
    case 'allowNameChange':
      resource.allowsNameChange = value === 'enabled';
      return true;
    case 'allowKindChange':
      resource.allowsKindChange = value === 'enabled';
      return true;
    case 'helm-generated':
      resource.isHelmGenerated = value === 'true';
      return true;
    default:
      return false;
  }
}

export function parseBehavior(text: string): Behavior {
  return text === 'create' || text === 'replace' || text === 'merge' ? text : 'unspecified';
}
