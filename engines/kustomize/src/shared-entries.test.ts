import { memoryFileSystem } from '@flux/fs';
import { expect, test } from 'vitest';
import { build, resourcesToObjects } from './build.ts';

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  selector: {matchLabels: {app: d}}
  template: {metadata: {labels: {app: d}}}
`;

/** The three places of a label after an overlay has changed one of them. */
async function labels(base: string, overlay: string): Promise<unknown[]> {
  const fs = memoryFileSystem({
    '/base/kustomization.yaml': `resources: [d.yaml]\n${base}`,
    '/base/d.yaml': deployment,
    '/app/kustomization.yaml': `resources: [../base]\n${overlay}`,
  });
  const [object] = resourcesToObjects(await build(fs, '/app'));
  const { metadata, spec } = object as never as {
    metadata: { labels?: Record<string, unknown> };
    spec: { selector: { matchLabels: object }; template: { metadata: { labels: object } } };
  };
  return [metadata.labels, spec.selector.matchLabels, spec.template.metadata.labels].map(
    (map) => (map as Record<string, unknown> | undefined)?.['env'],
  );
}

const patchOf = (fields: string): string =>
  `patches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: d${fields}'}]\n`;

test.each([
  ['another transformer', 'labels: [{pairs: {env: prod}}]\n'],
  ['a patch of one place', patchOf('}, spec: {template: {metadata: {labels: {env: prod}}}}}')],
  [
    'a replacement',
    'replacements: [{sourceValue: prod, targets: [{select: {kind: Deployment}, fieldPaths: [metadata.labels.env]}]}]\n',
  ],
])('a label that one transformer put into several places is changed in all of them by %s', async (_, overlay) => {
  expect(await labels('commonLabels: {env: base}\n', overlay)).toEqual(['prod', 'prod', 'prod']);
});

test('places that were there before, or were removed, do not share the label', async () => {
  const selectors = 'labels: [{pairs: {env: base}, includeSelectors: true}]\n';

  expect(await labels(selectors, patchOf(', labels: {env: null}}}'))).toEqual([undefined, 'base', 'base']);
  expect(await labels('', 'labels: [{pairs: {env: a}}, {pairs: {env: b}, includeTemplates: true}]\n')).toEqual([
    'b',
    undefined,
    'b',
  ]);
});

test('a JSON patch changes one place only', async () => {
  const operation = `patches: [{target: {kind: Deployment}, patch: '[{"op": "replace", "path": "/metadata/labels/env", "value": "x"}]'}]\n`;

  expect(await labels('commonLabels: {env: base}\n', operation)).toEqual(['x', 'base', 'base']);
});
