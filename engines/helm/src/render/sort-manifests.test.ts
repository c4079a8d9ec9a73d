import { expect, test } from 'vitest';
import type { ChartWarning } from '../values/warning.ts';
import { installOrder, uninstallOrder } from './kind-order.ts';
import { formatManifests, parseHooks, sortManifests } from './sort-manifests.ts';

const files = (texts: Record<string, string>) => new Map(Object.entries(texts));
const kinds = (text: string, order = installOrder) =>
  sortManifests(files({ 'c/templates/a.yaml': text }), { order }).manifests.map(({ kind }) => kind);

test('kinds come in install order, unknown ones last by name, equal ones as they were (HELM-MAN-02, HELM-MAN-03)', () => {
  const text = ['Zeta', 'Service', 'Alpha', 'Namespace', '', 'Deployment']
    .map((kind) => `kind: ${kind}`)
    .join('\n---\n');

  expect(kinds(text)).toEqual(['Namespace', 'Service', 'Deployment', '', 'Alpha', 'Zeta']);
  expect(kinds(text, uninstallOrder)).toEqual(['Service', 'Deployment', 'Namespace', '', 'Alpha', 'Zeta']);
});

test('files come by path, partials and empty ones are left out (HELM-MAN-02, HELM-MAN-04)', () => {
  const { manifests } = sortManifests(
    files({ 'c/b.yaml': 'x: 1', 'c/a.yaml': 'y: 1', 'c/_p.yaml': 'z: 1', 'c/e.yaml': ' ' }),
  );

  expect(formatManifests(manifests)).toBe('---\n# Source: c/a.yaml\ny: 1\n---\n# Source: c/b.yaml\nx: 1\n');
});

const hook = (annotations: string) => `kind: Job\nmetadata:\n  name: j\n  annotations: {${annotations}}\n`;

test('a hook has its events, weight and policies (HELM-HOOK-01)', () => {
  const text = hook(
    'helm.sh/hook: "Pre-Install, test-success", helm.sh/hook-weight: -5, helm.sh/hook-delete-policy: "hook-succeeded,HOOK-FAILED", helm.sh/hook-output-log-policy: hook-failed',
  );

  expect(parseHooks(text, 'c/templates/j.yaml')).toEqual([
    {
      name: 'j',
      kind: 'Job',
      path: 'c/templates/j.yaml',
      manifest: text,
      events: ['pre-install', 'test'],
      last_run: { phase: '' },
      weight: -5,
      delete_policies: ['hook-succeeded', 'hook-failed'],
      output_log_policies: ['hook-failed'],
    },
  ]);
});

test('a weight that is no number counts as zero (HELM-HOOK-02)', () => {
  expect(parseHooks(hook('helm.sh/hook: test, helm.sh/hook-weight: "1.5"'), 'p')[0]).not.toHaveProperty('weight');
});

test('one unknown event drops the document and is told (HELM-HOOK-01)', () => {
  const warnings: ChartWarning[] = [];

  const sorted = sortManifests(files({ 'c/a.yaml': hook('helm.sh/hook: "pre-install,crd-install"') }), {
    warn: (warning) => warnings.push(warning),
  });

  expect(sorted).toEqual({ hooks: [], manifests: [] });
  expect(warnings).toMatchObject([
    { message: 'skipping unknown hooks', attributes: { hookTypes: 'pre-install,crd-install' } },
  ]);
});

test.each([
  ['a:\n\tb: 1\n', 'error converting YAML to JSON: yaml: line 2: found character that cannot start any token'],
  ['- a\n', 'cannot unmarshal array into Go value of type util.SimpleHead'],
  ['kind: {a: b}\n', 'cannot unmarshal object into Go struct field SimpleHead.kind of type string'],
  ['metadata:\n  name: [x]\n', 'cannot unmarshal array into Go struct field .metadata.name of type string'],
  ['metadata: 5\n', 'cannot unmarshal number into Go struct field SimpleHead.metadata of type struct {'],
])("what cannot be read is an error in Go's words: %j (HELM-MAN-05)", (text, message) => {
  let error = new Error('none');
  try {
    sortManifests(files({ 'c/templates/a.yaml': text }));
  } catch (thrown) {
    if (thrown instanceof Error) error = thrown;
  }

  expect(error.message).toMatch(/^YAML parse error on c\/templates\/a\.yaml: error /);
  expect(error.message).toContain(message);
});

test('field names are read whatever their case, and numbers as text', () => {
  const text =
    'Kind: Other\nkind: Job\nMetadata:\n  Annotations:\n    helm.sh/hook: test\n    helm.sh/hook-weight: 5\n';

  expect(parseHooks(text, 'p')).toMatchObject([{ kind: 'Job', weight: 5 }]);
});

test('what is a number in a head is text as sigs.k8s.io/yaml makes it, with the precision of float32', () => {
  const text = hook('helm.sh/hook: test').replace('name: j', 'name: 1.1');

  expect(parseHooks(text, 'c/templates/j.yaml')).toMatchObject([{ name: '1.1' }]);
});
