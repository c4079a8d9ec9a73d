import fc from 'fast-check';
import { definition, seeds } from './seeds.table.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
/** Where something is served. */
export const collections = [
  '/api/v1/namespaces',
  '/api/v1/nodes',
  '/api/v1/events',
  ...['configmaps', 'secrets', 'pods', 'services', 'serviceaccounts', 'persistentvolumeclaims', 'resourcequotas'].map(
    (plural) => `/api/v1/namespaces/default/${plural}`,
  ),
  ...['deployments', 'statefulsets', 'daemonsets', 'replicasets'].map(
    (plural) => `/apis/apps/v1/namespaces/default/${plural}`,
  ),
  ...['jobs', 'cronjobs'].map((plural) => `/apis/batch/v1/namespaces/default/${plural}`),
  '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers',
  '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
  '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
  '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
  '/apis/coordination.k8s.io/v1/namespaces/default/leases',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings',
  '/apis/storage.k8s.io/v1/storageclasses',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
  '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies',
  '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
  '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
  '/apis/authorization.k8s.io/v1/subjectaccessreviews',
  '/apis/authentication.k8s.io/v1/tokenreviews',
  '/apis/example.com/v1/namespaces/default/things',
  ...[
    '/api',
    '/apis',
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/apis/apps/v1',
    '/version',
    '/readyz',
    '/metrics',
    '/',
  ],
];
const names = [
  'a',
  'a',
  'x',
  'default',
  'things.example.com',
  'a.b',
  'A',
  '%00',
  '%2e%2e',
  '..',
  '%E0%A4%A',
  '%F0%9F%92%A9',
  '-',
];
const subresources = [
  'status',
  'scale',
  'eviction',
  'binding',
  'token',
  'finalize',
  'log',
  'proxy',
  'ephemeralcontainers',
  'nope',
];

const path = fc
  .tuple(
    fc.constantFrom(...collections),
    fc.option(fc.constantFrom(...names)),
    fc.option(fc.constantFrom(...subresources)),
  )
  .map(([collection, name, subresource]) => [collection, name, name && subresource].filter((part) => part).join('/'));

/** Members that objects have, so that random values get to where they are looked at. */
const members = [
  ...['apiVersion', 'kind', 'metadata', 'name', 'namespace', 'labels', 'annotations', 'ownerReferences', 'finalizers'],
  ...[
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'managedFields',
    'generateName',
    'deletionTimestamp',
  ],
  ...['spec', 'status', 'data', 'binaryData', 'stringData', 'type', 'template', 'selector', 'matchLabels', 'replicas'],
  ...['containers', 'initContainers', 'volumes', 'env', 'ports', 'image', 'resources', 'limits', 'requests', 'cpu'],
  ...['rules', 'webhooks', 'clientConfig', 'matchConditions', 'expression', 'mutations', 'validations', 'verbs'],
  ...['versions', 'schema', 'openAPIV3Schema', 'properties', 'items', 'names', 'plural', 'scope', 'group', 'list'],
  ...[
    'subjects',
    'roleRef',
    'metrics',
    'schedule',
    'jobTemplate',
    'resourceAttributes',
    'token',
    'target',
    '__proto__',
  ],
  ...['', 'a', 'constructor', '$patch', '$retainKeys', '$setElementOrder/containers', 'dryRun', 'preconditions'],
];
const texts = fc.oneof(
  fc.constantFrom(
    'a',
    '',
    'v1',
    'ConfigMap',
    'Thing',
    'example.com/v1',
    '1',
    '-1',
    '1Gi',
    '2024-01-01T00:00:00Z',
    'a=b',
    'x/y',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const scalars = fc.oneof(
  texts,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(2 ** 53, -1, 1e308),
);
const { value: junk } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...members), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

/** An object that is right but for one place, and where it lives. */
const damaged = fc
  .tuple(fc.constantFrom(...seeds), fc.array(fc.nat(7), { minLength: 1, maxLength: 9 }), junk)
  .map(([[collection, object], way, value]) => [collection, replaceAt(structuredClone(object), way, value)] as const);

function replaceAt(target: object, way: readonly number[], value: unknown): unknown {
  let container = target as Record<string, unknown>;
  for (const [depth, step] of way.entries()) {
    const keys = Object.keys(container);
    const key = keys[step % keys.length];
    const next = key === undefined ? undefined : container[key];
    const isLast = depth === way.length - 1 || typeof next !== 'object' || next === null;
    if (key === undefined) break;
    if (isLast) {
      container[key] = value;
      break;
    }
    container = next as Record<string, unknown>;
  }
  return target;
}

const operations = fc.array(
  fc.record({
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'nope'),
    path: fc.constantFrom(
      '/metadata/labels',
      '/data/a',
      '/spec',
      '',
      '/spec/template/spec/containers/-',
      '/a~1b',
      'x',
      '/metadata',
    ),
    from: fc.constantFrom('/metadata', '/data', '/spec/template', '', '/nope'),
    value: junk,
  }),
  { maxLength: 4 },
);
const jsonBody = fc
  .oneof(
    damaged.map(([, value]) => value),
    junk,
    operations,
  )
  .map((value) => JSON.stringify(value));
const body = fc.oneof(
  { arbitrary: jsonBody, weight: 6 },
  { arbitrary: fc.tuple(jsonBody, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1))), weight: 1 },
  { arbitrary: fc.string({ maxLength: 30 }), weight: 1 },
  {
    arbitrary: fc.constantFrom('', 'null', '{}', '[]', '{"a":1,"a":2}', 'a: &a [*a]', '{a: b, c: [', '"x"', '1e999'),
    weight: 1,
  },
);
const types = [
  ...['application/json', 'application/yaml', 'application/merge-patch+json', 'application/json-patch+json'],
  ...[
    'application/strategic-merge-patch+json',
    'application/apply-patch+yaml',
    'text/plain',
    '',
    'application/json; charset=utf-8',
  ],
];
/** Forms in which answers are asked for. */
export const accepts = [
  ...['application/json', '*/*', 'application/yaml', 'text/html', '', ';;;,,q=x'],
  ...['application/json;as=Table;g=meta.k8s.io;v=v1', 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'],
];
const parameters = [
  ...['labelSelector', 'fieldSelector', 'resourceVersion', 'resourceVersionMatch', 'limit', 'continue', 'dryRun'],
  ...[
    'fieldManager',
    'fieldValidation',
    'force',
    'propagationPolicy',
    'gracePeriodSeconds',
    'pretty',
    'orphanDependents',
  ],
];
const values = fc.oneof(
  fc.constantFrom(
    'a=b',
    'metadata.name=a',
    'a in (',
    '!',
    '0',
    '1',
    '-1',
    'Exact',
    'All',
    'Strict',
    'Ignore',
    'Orphan',
    'Foreground',
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 10 }),
);
const headers = fc.record({
  'content-type': fc.constantFrom(...types),
  accept: fc.constantFrom(...accepts),
  'user-agent': fc.constantFrom('', 'fuzz/1 (x)', '\u{1f4a9}'),
});
const query = fc.dictionary(fc.constantFrom(...parameters), values, { maxKeys: 3, noNullPrototype: true });

/** Anything at all, of which most is refused early. */
const anything = fc
  .record({ method: fc.constantFrom(...methods), path, body, query, headers })
  // What the other requests are about shall not be gone after the first few.
  .map((sent) => (sent.method === 'DELETE' ? { ...sent, path: `${sent.path.replace(/\/x\b/, '')}/a` } : sent));

const json = 'application/json';
const ways = [
  ['POST', json],
  ['PUT', json],
  ['PATCH', 'application/apply-patch+yaml'],
  ['PATCH', 'application/merge-patch+json'],
  ['PATCH', 'application/strategic-merge-patch+json'],
] as [(typeof methods)[number], string][];

/** A write as it has to be, but for one place in its object. */
const write = fc
  .record({
    place: damaged,
    way: fc.constantFrom(...ways),
    subresource: fc.constantFrom('', '', '', '', 'status', 'scale'),
    fieldValidation: fc.constantFrom('', 'Strict', 'Ignore'),
  })
  .map(({ place: [collection, object], way: [method, type], subresource, fieldValidation }) => {
    const name = collection.endsWith('definitions') ? definition.metadata.name : 'x';
    const path = method === 'POST' ? collection : [collection, name, subresource].filter((part) => part).join('/');
    const query: Record<string, string> = { fieldManager: 'fuzz', force: 'true', fieldValidation };
    if (type !== 'application/apply-patch+yaml') delete query['force'];
    return { method, path, query, body: JSON.stringify(object), headers: { 'content-type': type, accept: json } };
  });

/** Requests to find out what the server does not stand. */
export const requests = fc.oneof({ arbitrary: anything, weight: 1 }, { arbitrary: write, weight: 3 });
