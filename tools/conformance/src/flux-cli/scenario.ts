import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '@flux/client';
import { type CliCase, render } from './recorded-case.ts';
import { waitForObject } from './wait-for-object.ts';

const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: outside-cwd\n';

/** Replaces paths of the recording machine, and writes the inputs that the recorded tests wrote themselves. */
export async function localise(recorded: CliCase, folder: string, scratch: string): Promise<string> {
  let command = recorded.command.replace(/\/tmp\/peers\/\S*?\/testdata/g, join(folder, 'testdata'));
  const temporary = /\/tmp\/(Test\w+)\/\d+/.exec(command);
  if (!temporary) return command;
  const directory = join(scratch, temporary[1] ?? 'case');
  await mkdir(join(directory, 'source'), { recursive: true });
  command = command.replaceAll(temporary[0], directory);
  if (recorded.test.startsWith('TestBuildLocalKustomization')) {
    const text = await readFile(join(folder, 'testdata/build-kustomization/podinfo-kustomization.yaml'), 'utf8');
    await writeFile(join(directory, 'podinfo.yaml'), render(text, recorded.expect.values));
  }
  if (recorded.test.includes('OutsideCwd')) await writeOutsideInputs(recorded, directory);
  return command;
}

async function writeOutsideInputs(recorded: CliCase, directory: string): Promise<void> {
  const target = /ConfigMap\/(\S+)\/outside-cwd/.exec(recorded.recorded?.output ?? '')?.[1];
  const namespace = /--namespace (\S+)|-n (\S+)/.exec(recorded.command);
  const app = {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'app', namespace: namespace?.[1] ?? namespace?.[2] },
    spec: {
      interval: '5m',
      prune: true,
      path: './',
      sourceRef: { kind: 'GitRepository', name: 'app' },
      ...(target ? { targetNamespace: target } : {}),
    },
  };
  await writeFile(join(directory, 'app.yaml'), JSON.stringify(app));
  await writeFile(join(directory, 'source', 'configmap.yaml'), configMap);
  await writeFile(join(directory, 'source', 'kustomization.yaml'), 'resources:\n- configmap.yaml\n');
}

const artifact = {
  path: 'some-path',
  revision: 'v1',
  digest: 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  url: 'http://example.com/artifact',
  lastUpdateTime: '2024-01-01T00:00:00Z',
};

/** What the recorded tests of `create source git` did to the object while the command waited. */
export async function actAsController(
  { test, command }: CliCase,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  const [group, name = ''] = test.split('/');
  if (group !== 'TestCreateSourceGit' || name === 'NoArgs') return;
  const namespace = /-n=(\S+)/.exec(command)?.[1] ?? 'default';
  const ref = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', namespace, name: 'podinfo' };
  const created = await waitForObject(cluster, ref, signal);
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastTransitionTime: '2024-01-01T00:00:00Z',
    observedGeneration: created.metadata.generation ?? 1,
  });
  const failed = [
    condition('Stalled', 'True', 'Failed', 'failed message'),
    condition('Ready', 'False', 'Failed', 'failed message'),
  ];
  const status = {
    observedGeneration: created.metadata.generation ?? 1,
    conditions: name === 'Failed' ? failed : [condition('Ready', 'True', 'Succeeded', 'succeeded message')],
    ...(name === 'Succeeded' ? { artifact } : {}),
  };
  await cluster.update({ ...created, status }, { subresource: 'status' });
}
