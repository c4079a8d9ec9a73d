/**
 * Writes the data of model/builtin from what a running kube-apiserver said (`../shared/cases/kube-api/openapi`) and from
 * `go-fields.generated.json` (see ../go-json). Run: node tools/gen/src/builtin.ts
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';

const root = new URL('../../../', import.meta.url);
const source = new URL('../shared/cases/kube-api/openapi/', root);
const target = new URL('model/builtin/src/', root);

type Json = { [key: string]: unknown };
interface Definition extends Json {
  description?: string;
  properties?: Record<string, Definition>;
  $ref?: string;
  items?: Definition;
  additionalProperties?: Definition;
}
interface Column {
  name: string;
  type: string;
  format: string;
  priority: number;
  description: string;
}
interface ServedKind extends Json {
  group: string;
  version: string;
  kind: string;
  schema: string;
  columns?: Column[];
}

/** Defaults that the served document leaves out although server-side apply uses them for keys of list maps. */
const apiDefaults: Record<string, Record<string, unknown>> = {
  'io.k8s.api.core.v1.AzureDiskVolumeSource': { cachingMode: 'ReadWrite', fsType: 'ext4', kind: 'Shared' },
  'io.k8s.api.core.v1.ContainerPort': { protocol: 'TCP' },
  'io.k8s.api.core.v1.ISCSIPersistentVolumeSource': { iscsiInterface: 'default' },
  'io.k8s.api.core.v1.ISCSIVolumeSource': { iscsiInterface: 'default' },
  'io.k8s.api.core.v1.RBDPersistentVolumeSource': { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' },
  'io.k8s.api.core.v1.RBDVolumeSource': { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' },
  'io.k8s.api.core.v1.ReplicationControllerSpec': { replicas: 1 },
  'io.k8s.api.core.v1.ScaleIOPersistentVolumeSource': { storageMode: 'ThinProvisioned', fsType: 'xfs' },
  'io.k8s.api.core.v1.ScaleIOVolumeSource': { storageMode: 'ThinProvisioned', fsType: 'xfs' },
  'io.k8s.api.core.v1.ServicePort': { protocol: 'TCP' },
  'io.k8s.api.resource.v1.DeviceToleration': { operator: 'Equal' },
};

/** Versions that are no longer served but still found in Git; the merge keys of the newer version hold for them. */
const legacyVersions: Record<string, string> = {
  'extensions/v1beta1/DaemonSet': 'apps/v1/DaemonSet',
  'extensions/v1beta1/Deployment': 'apps/v1/Deployment',
  'extensions/v1beta1/ReplicaSet': 'apps/v1/ReplicaSet',
  'extensions/v1beta1/Ingress': 'networking.k8s.io/v1/Ingress',
  'extensions/v1beta1/NetworkPolicy': 'networking.k8s.io/v1/NetworkPolicy',
  'apps/v1beta1/Deployment': 'apps/v1/Deployment',
  'apps/v1beta1/StatefulSet': 'apps/v1/StatefulSet',
  'apps/v1beta2/DaemonSet': 'apps/v1/DaemonSet',
  'apps/v1beta2/Deployment': 'apps/v1/Deployment',
  'apps/v1beta2/ReplicaSet': 'apps/v1/ReplicaSet',
  'apps/v1beta2/StatefulSet': 'apps/v1/StatefulSet',
  'autoscaling/v2beta1/HorizontalPodAutoscaler': 'autoscaling/v2/HorizontalPodAutoscaler',
  'autoscaling/v2beta2/HorizontalPodAutoscaler': 'autoscaling/v2/HorizontalPodAutoscaler',
  'batch/v1beta1/CronJob': 'batch/v1/CronJob',
  'networking.k8s.io/v1beta1/Ingress': 'networking.k8s.io/v1/Ingress',
  'networking.k8s.io/v1beta1/IngressClass': 'networking.k8s.io/v1/IngressClass',
  'policy/v1beta1/PodDisruptionBudget': 'policy/v1/PodDisruptionBudget',
  'rbac.authorization.k8s.io/v1beta1/ClusterRole': 'rbac.authorization.k8s.io/v1/ClusterRole',
  'rbac.authorization.k8s.io/v1beta1/ClusterRoleBinding': 'rbac.authorization.k8s.io/v1/ClusterRoleBinding',
  'rbac.authorization.k8s.io/v1beta1/Role': 'rbac.authorization.k8s.io/v1/Role',
  'rbac.authorization.k8s.io/v1beta1/RoleBinding': 'rbac.authorization.k8s.io/v1/RoleBinding',
  'storage.k8s.io/v1beta1/StorageClass': 'storage.k8s.io/v1/StorageClass',
  'apiextensions.k8s.io/v1beta1/CustomResourceDefinition': 'apiextensions.k8s.io/v1/CustomResourceDefinition',
  'admissionregistration.k8s.io/v1beta1/MutatingWebhookConfiguration':
    'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/v1beta1/ValidatingWebhookConfiguration':
    'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration',
};

function read(name: string): string {
  const file = new URL(name, source);
  if (!existsSync(file))
    throw new Error(`${file.pathname} is missing: the generator needs the recorded OpenAPI document`);
  return name.endsWith('.gz') ? gunzipSync(readFileSync(file)).toString() : readFileSync(file, 'utf8');
}

function write(name: string, content: string | Uint8Array): void {
  writeFileSync(new URL(name, target), content);
  console.log(`model/builtin/src/${name}: ${content.length} bytes`);
}

/** `description` of a property named description is an object and stays; prose is a string and goes. */
function withoutDescriptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, member]) => key !== 'description' || typeof member !== 'string');
  return Object.fromEntries(entries.map(([key, member]) => [key, withoutDescriptions(member)]));
}

function descriptions(definitions: Record<string, Definition>): Record<string, [string, Record<string, string>]> {
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [
      name,
      [
        definition.description ?? '',
        Object.fromEntries(
          Object.entries(definition.properties ?? {}).map(([key, property]) => [key, property.description ?? '']),
        ),
      ],
    ]),
  );
}

/** Column descriptions repeat (every kind has Name and Age), so columns are stored once and referred to by number. */
function kindTable(kinds: ServedKind[]): unknown {
  const columns: Column[] = [];
  const numbers = new Map<string, number>();
  const rows = kinds.map(({ columns: own, ...kind }) => ({
    ...kind,
    ...(own && {
      columns: own.map((column) => {
        const key = JSON.stringify(column);
        if (!numbers.has(key)) numbers.set(key, columns.push(column) - 1);
        return numbers.get(key);
      }),
    }),
  }));
  return { columns, kinds: rows };
}

function refName(definition: Definition | undefined): string | undefined {
  return definition?.$ref?.slice('#/definitions/'.length);
}

/** Field → [strategy, merge key, definition of the value or of its items]; only what a strategic merge has to know. */
function mergeTable(definitions: Record<string, Definition>, kinds: ServedKind[]): unknown {
  const types: Record<string, Record<string, [string, string, string]>> = {};
  for (const [name, definition] of Object.entries(definitions)) {
    const fields: Record<string, [string, string, string]> = {};
    for (const [key, property] of Object.entries(definition.properties ?? {})) {
      const child = refName(property) ?? refName(property.items) ?? refName(property.additionalProperties) ?? '';
      const strategy = String(property['x-kubernetes-patch-strategy'] ?? '');
      const mergeKey = String(property['x-kubernetes-patch-merge-key'] ?? '');
      const kind = property.additionalProperties ? '*' : property.items ? '[' : '';
      if (child !== '' || strategy !== '') fields[key] = [strategy, mergeKey, kind + child];
    }
    types[name] = fields;
  }
  const roots = kinds.map((kind) => [gvkKey(kind), kind.schema] as const);
  const useful = usefulTypes(types);
  const names = [
    ...reachable(
      types,
      roots.map(([, schema]) => schema),
      useful,
    ),
  ].sort();
  const short = new Map(names.map((name, index) => [name, index]));
  const compact = names.map((name) =>
    Object.fromEntries(
      Object.entries(types[name] ?? {}).flatMap(([key, [strategy, mergeKey, child]]) => {
        const number = short.get(child.replace(/^[*[]/, ''));
        if (strategy === '' && number === undefined) return [];
        return [[key, [strategy, mergeKey, number ?? -1, /^[*]/.test(child) ? 1 : 0]]];
      }),
    ),
  );
  const byKind = Object.fromEntries(
    roots.flatMap(([key, schema]) => (short.has(schema) ? [[key, short.get(schema)]] : [])),
  );
  for (const [legacy, current] of Object.entries(legacyVersions)) byKind[legacy] = byKind[current];
  return { types: compact, kinds: byKind };
}

function gvkKey(kind: { group: string; version: string; kind: string }): string {
  return `${kind.group === '' ? '' : `${kind.group}/`}${kind.version}/${kind.kind}`;
}

/** Types that hold a strategy themselves or lead to one. */
function usefulTypes(types: Record<string, Record<string, [string, string, string]>>): Set<string> {
  const useful = new Set<string>();
  for (let grown = true; grown; ) {
    grown = false;
    for (const [name, fields] of Object.entries(types)) {
      if (useful.has(name)) continue;
      const leads = ([strategy, , child]: [string, string, string]) =>
        strategy !== '' || useful.has(child.replace(/^[*[]/, ''));
      if (Object.values(fields).some(leads)) grown = useful.add(name).size > 0;
    }
  }
  return useful;
}

function reachable(
  types: Record<string, Record<string, [string, string, string]>>,
  roots: string[],
  useful: Set<string>,
): Set<string> {
  const found = new Set<string>();
  const queue = roots.filter((name) => useful.has(name));
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    for (const [, , child] of Object.values(types[name] ?? {})) {
      const childName = child.replace(/^[*[]/, '');
      if (useful.has(childName)) queue.push(childName);
    }
  }
  return found;
}

/** `{a: "name port", e: "args env"}`: the properties of a definition by Go letter. */
function goFields(definitions: Record<string, Definition>): Record<string, Record<string, string>> {
  const all = JSON.parse(readFileSync(new URL('./go-fields.generated.json', import.meta.url), 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  const result: Record<string, Record<string, string>> = {};
  for (const name of Object.keys(definitions)) {
    const byLetter: Record<string, string> = {};
    for (const [field, letter] of Object.entries(all[name] ?? {})) {
      byLetter[letter] = byLetter[letter] === undefined ? field : `${byLetter[letter]} ${field}`;
    }
    if (all[name]) result[name] = byLetter;
  }
  return result;
}

const swagger = JSON.parse(read('swagger-v2.json.gz')) as { definitions: Record<string, Definition> };
const { server, kinds } = JSON.parse(read('builtin-types.json')) as { server: string; kinds: ServedKind[] };
const { definitions } = swagger;

write('kinds.generated.json', JSON.stringify({ server, ...(kindTable(kinds) as object) }));
write(
  'definitions.generated.json',
  JSON.stringify({
    definitions: withoutDescriptions(definitions),
    defaults: apiDefaults,
    goFields: goFields(definitions),
  }),
);
write('merge-schema.generated.json', JSON.stringify(mergeTable(definitions, kinds)));
write('descriptions.generated.json.gz', gzipSync(JSON.stringify(descriptions(definitions)), { level: 9 }));
