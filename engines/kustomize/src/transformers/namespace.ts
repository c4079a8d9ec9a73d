import { flag, list, namedText, struct, unmarshal } from '../config/decode.ts';
import { type FieldSpec, requireScalar, type Setter, selectedSpecs, visitPath } from '../config/field-spec.ts';
import { fieldSpecShape, objectMeta } from '../config/kustomization.ts';
import { describeResource } from '../describe-resource.ts';
import { BuildError, withPrefix } from '../errors.ts';
import { ensureObject, fieldOf, type Holder, isObject, type Key, readSlot, scalarText, writeSlot } from '../json.ts';
import { goJson } from '../json-text.ts';
import type { Resource } from '../resource.ts';
import { idKey } from '../resource-id.ts';
import type { ResourceSet } from '../resource-set.ts';
import { wrongKind } from '../wrong-kind.ts';
import { defineTransformer } from './transformer.ts';

interface NamespaceSettings {
  readonly namespace: string;
  readonly fieldSpecs: readonly FieldSpec[];
  readonly unsetOnly: boolean;
  readonly subjects: string;
}

const pluginShape = struct('builtins.NamespaceTransformerPlugin', {
  metadata: objectMeta,
  fieldSpecs: list(fieldSpecShape, '[]types.FieldSpec'),
  unsetOnly: flag,
  setRoleBindingSubjects: namedText('namespace.RoleBindingSubjectMode'),
});

const subjectModes = ['defaultOnly', 'none', 'allServiceAccounts'];

/** `namespace`: moves namespaced resources, and the namespaces that bindings, webhooks and API services mention. */
export const namespaceTransformer = defineTransformer({
  name: 'NamespaceTransformer',
  fromKustomization({ namespace }, config) {
    if (namespace === '') return [];
    const settings = { namespace, fieldSpecs: config.namespace, unsetOnly: false, subjects: 'defaultOnly' };
    return [{ transform: (resources) => setNamespaces(resources, settings) }];
  },
  fromPlugin(raw) {
    const config = unmarshal(pluginShape, raw);
    const subjects = config.setRoleBindingSubjects || 'defaultOnly';
    if (!subjectModes.includes(subjects)) {
      throw new BuildError(
        `invalid value "${subjects}" for setRoleBindingSubjects: must be one of "defaultOnly", "none" or "allServiceAccounts"`,
      );
    }
    const settings = { ...config, namespace: config.metadata.namespace, subjects };
    return { transform: (resources) => setNamespaces(resources, settings) };
  },
});

function setNamespaces(resources: ResourceSet, settings: NamespaceSettings): void {
  if (settings.namespace === '') return;
  const counts = new Map<string, number>();
  const count = (resource: Resource, change: number): number => {
    const key = idKey(resource.id);
    const next = (counts.get(key) ?? 0) + change;
    counts.set(key, next);
    return next;
  };
  for (const resource of resources.resources) count(resource, 1);
  for (const resource of resources.resources) {
    if (resource.isEmpty || resource.isHelmGenerated) continue;
    resource.storePreviousId();
    count(resource, -1);
    setNamespace(resource, settings);
    if (count(resource, 1) > 1) {
      const key = idKey(resource.id);
      const clashing = resources.resources.filter((other) => idKey(other.id) === key);
      const ids = clashing.map((other) => goJson(describeResource(other))).join(' ');
      throw new BuildError(`namespace transformation produces ID conflict: [${ids}]`);
    }
  }
  resources.idsChanged();
}

/** Sets the namespace in one resource and where it names its own. */
export function setNamespace(resource: Resource, settings: NamespaceSettings): void {
  const set = namespaceSetter(settings);
  if (!resource.id.clusterScoped) {
    const metadata = ensureObject(resource.object, 'metadata');
    if (metadata !== undefined) set(metadata, 'namespace');
  }
  const { apiVersion, kind } = resource;
  const isBinding = isRoleBinding(kind);
  if (isBinding) setSubjects(resource, settings, set);
  withPrefix('namespace transformation failed', () => {
    for (const spec of selectedSpecs(settings.fieldSpecs, resource.id)) {
      if (spec.path === 'metadata/namespace') continue;
      if (spec.path === 'metadata/name' && apiVersion !== 'v1') continue;
      if (isBinding && isRoleBinding(spec.kind) && spec.path === 'subjects/namespace') continue;
      visitPath(resource, spec, set, 'scalar');
    }
  });
}

function isRoleBinding(kind: string): boolean {
  return kind === 'RoleBinding' || kind === 'ClusterRoleBinding';
}

function namespaceSetter({ namespace, unsetOnly }: NamespaceSettings): Setter {
  return (holder: Holder, key: Key) => {
    const current = readSlot(holder, key);
    requireScalar(current);
    if (unsetOnly && scalarText(current) !== '') return;
    writeSlot(holder, key, namespace);
  };
}

function setSubjects(resource: Resource, { subjects }: NamespaceSettings, set: Setter): void {
  const list = fieldOf(resource.object, 'subjects');
  if (subjects === 'none' || list === undefined || list === null) return;
  if (!Array.isArray(list)) {
    throw new BuildError(
      `setting namespace on (cluster)role binding subjects: ${wrongKind('SequenceNode', list).message}`,
    );
  }
  const [field, wanted] = subjects === 'allServiceAccounts' ? ['kind', 'ServiceAccount'] : ['name', 'default'];
  for (const subject of list) {
    if (isObject(subject) && fieldOf(subject, field ?? '') === wanted) set(subject, 'namespace');
  }
}
