import { findKind } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import { deploymentTemplate, jobTemplate } from './chart-templates.ts';

/** Where everything of the test of taking over is. */
export const namespace = 'takeover';

const config = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  message: {{ .Values.message | quote }}
  values: {{ .Values | toJson | quote }}
`;

/** The files of each chart that the repository has. */
export const charts: readonly Readonly<Record<string, string>>[] = [
  {
    'Chart.yaml':
      'apiVersion: v2\nname: demo\nversion: 1.0.0\nappVersion: "2.0"\ndescription: Shows <everything> & more\nkeywords: [a, b]\n',
    'values.yaml': 'message: none\nimage:\n  tag: latest\n  pullPolicy: Always\n',
    'templates/config.yaml': config,
    'templates/deployment.yaml': deploymentTemplate,
    'templates/hook.yaml': jobTemplate('post-install', 'post-install'),
    'templates/test.yaml': jobTemplate('test', 'test'),
    'templates/NOTES.txt': 'Thanks for <{{ .Release.Name }}>.\n',
  },
];

function release(name: string, spec: Record<string, unknown> = {}): KubeObject {
  const chart = { spec: { chart: 'demo', version: '1.0.0', sourceRef: { kind: 'HelmRepository', name: 'charts' } } };
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name, namespace },
    spec: { interval: '1h', timeout: '60s', chart, ...spec },
  };
}

/** ConfigMaps and Secrets that values come from. */
export const valueSources: readonly KubeObject[] = [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'values', namespace },
    data: { 'values.yaml': 'message: from a ConfigMap\nimage:\n  tag: "1.10"\n' },
  },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'values', namespace },
    data: { token: Buffer.from('a,b{c}').toString('base64') },
  },
];

const oddValues = {
  message: 'Grüße <b>&amp;</b> — "quoted" \u2028',
  integer: 1_000_000,
  large: 12_345_678_901,
  fraction: 0.1,
  small: 0.000001,
  nothing: null,
  yes: 'yes',
  octal: '012',
  empty: {},
  list: [1, 'two', { three: [] }, null],
  lines: 'one\ntwo\n',
  long: 'word '.repeat(40).trim(),
  'a.key/with: signs': true,
};
const bad = { nodeSelector: { none: 'true' } };
const patches = [{ target: { kind: 'Deployment' }, patch: '- op: add\n  path: /spec/replicas\n  value: 2\n' }];

/** What users made of each HelmRelease, one step after the other. */
export const releases: Readonly<Record<string, readonly KubeObject[]>> = {
  plain: [release('plain', { values: { message: 'hello' } })],
  upgraded: ['one', 'two', 'three'].map((message) => release('upgraded', { values: { message } })),
  hooked: [release('hooked', { test: { enable: true } })],
  rendered: [
    release('rendered', {
      postRenderers: [{ kustomize: { patches, images: [{ name: 'nginx', newTag: '1.26' }] } }],
      commonMetadata: { labels: { team: 'a-b' }, annotations: { note: '<x> & "y"' } },
    }),
  ],
  drifting: [release('drifting', { driftDetection: { mode: 'enabled' }, values: { message: 'stay' } })],
  legacy: [
    release('legacy', { waitStrategy: { name: 'legacy' }, install: { serverSideApply: false, disableHooks: true } }),
  ],
  composed: [
    release('composed', {
      valuesFrom: [
        { kind: 'ConfigMap', name: 'values' },
        { kind: 'Secret', name: 'values', valuesKey: 'token', targetPath: 'secret.token', literal: true },
        { kind: 'Secret', name: 'gone', optional: true },
      ],
      values: { image: { pullPolicy: 'Never' } },
    }),
  ],
  odd: [release('odd', { values: oddValues, releaseName: 'with-a-name-of-its-own' })],
  'with-a-name-that-is-much-longer-than-helm-lets-releases-be': [
    release('with-a-name-that-is-much-longer-than-helm-lets-releases-be', { install: { disableHooks: true } }),
  ],
  failed: [release('failed', { install: { timeout: '3s' }, values: bad })],
  'rolled-back': [
    release('rolled-back', { values: { message: 'good' } }),
    release('rolled-back', {
      upgrade: { timeout: '3s', remediation: { remediateLastFailure: true } },
      values: { message: 'bad', ...bad },
    }),
  ],
  removed: [
    release('removed', {
      install: { timeout: '3s', remediation: { remediateLastFailure: true } },
      values: bad,
    }),
  ],
};

/** Kinds that Flux's source-controller does not start without, where they are not ours yet; of any shape. */
export function sourceDefinitions(): KubeObject[] {
  const group = 'source.toolkit.fluxcd.io';
  const names = [
    ['Bucket', 'buckets'],
    ['OCIRepository', 'ocirepositories'],
    ['ExternalArtifact', 'externalartifacts'],
  ] as const;
  const missing = names.filter(([kind]) => findKind({ apiVersion: `${group}/v1`, kind }) === undefined);
  return missing.map(([kind, plural]) => {
    const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: anything } };
    return {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
        versions: [{ ...version, subresources: { status: {} } }],
      },
    };
  });
}
