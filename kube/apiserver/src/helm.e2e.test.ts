import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ensureBuilt, ensureKubectl, referenceTools } from '@flux/kubernetes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectClient } from './testing/direct-client.ts';
import { gadgetChart } from './testing/gadget-chart.ts';

const execute = promisify(execFile);

interface Revision {
  revision: number;
  status: string;
}

let client: DirectClient;
let folder: string;
let binaries: Readonly<Record<string, string>>;
let kubectl: string;

beforeAll(async () => {
  binaries = await ensureBuilt(referenceTools);
  kubectl = await ensureKubectl();
  folder = await mkdtemp(join(tmpdir(), 'helm-'));
  client = await DirectClient.start();
  await write('kubeconfig', client.server.adminKubeconfig());
  for (const [name, text] of Object.entries(gadgetChart)) await write(join('chart', name), text);
});

afterAll(async () => {
  await client?.close();
  await rm(folder, { recursive: true, force: true });
});

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text, { mode: 0o600 });
}

function environment(): NodeJS.ProcessEnv {
  const home = join(folder, 'home');
  return {
    ...process.env,
    HOME: home,
    KUBECONFIG: join(folder, 'kubeconfig'),
    HELM_CACHE_HOME: home,
    HELM_CONFIG_HOME: home,
    HELM_DATA_HOME: home,
  };
}

async function run(program: string, ...args: string[]): Promise<string> {
  return (await execute(program, args, { env: environment(), cwd: folder })).stdout;
}

describe.each([
  { program: 'helm3', rollbackFlag: '--atomic' },
  { program: 'helm4', rollbackFlag: '--rollback-on-failure' },
])('$program', ({ program, rollbackFlag }) => {
  const deployments = `/apis/apps/v1/namespaces/${program}/deployments`;
  const helm = (...args: string[]) => run(binaries[program]!, ...args, '--namespace', program);
  const replicas = async () => (await client.get(`${deployments}/web`))['spec'].replicas;
  const history = async (): Promise<Revision[]> => JSON.parse(await helm('history', 'web', '--output', 'json'));

  it('installs with a definition and a hook, waits, upgrades, tests and rolls back', async () => {
    await helm('install', 'web', 'chart', '--create-namespace', '--wait', '--timeout', '60s');
    expect((await client.get(`${deployments}/web`))['status']).toMatchObject({ readyReplicas: 2, updatedReplicas: 2 });
    expect((await client.get(`/apis/batch/v1/namespaces/${program}/jobs`)).items).toEqual([]);

    await helm('upgrade', 'web', 'chart', '--set', 'replicas=3', '--wait', '--timeout', '60s');
    expect(await replicas()).toBe(3);
    expect(await helm('test', 'web', '--timeout', '60s')).toContain('Phase:          Succeeded');

    await helm('rollback', 'web', '1', '--wait', '--timeout', '60s');
    expect(await replicas()).toBe(2);
    expect((await history()).map(({ status }) => status)).toEqual(['superseded', 'superseded', 'deployed']);
  });

  it('gives up on what never becomes ready, and rolls it back', async () => {
    // the way back has to be ready within the same time
    const args = ['--set', 'node.kubernetes\\.io/hostname=nowhere', '--wait', '--timeout', '10s', rollbackFlag];
    await expect(helm('upgrade', 'web', 'chart', ...args)).rejects.toThrow(/has been rolled back/);
    expect((await history()).map(({ revision, status }) => `${revision} ${status}`).slice(-2)).toEqual([
      '4 failed',
      '5 deployed',
    ]);
  });

  it('uninstalls and waits until everything is gone', async () => {
    await helm('uninstall', 'web', '--wait', '--timeout', '60s');
    for (const path of [deployments, `/api/v1/namespaces/${program}/pods`, `/api/v1/namespaces/${program}/secrets`]) {
      expect((await client.get(path)).items).toEqual([]);
    }
  });
});

describe('kustomize', () => {
  beforeAll(async () => {
    await write(
      'base/kustomization.yaml',
      'resources: [web.yaml]\nconfigMapGenerator: [{ name: conf, literals: [a=1] }]\n',
    );
    await write(
      'base/web.yaml',
      `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: c, image: nginx, envFrom: [{ configMapRef: { name: conf } }] }] }
`,
    );
    await write(
      'overlay/kustomization.yaml',
      'resources: [../base]\nnamespace: overlay\nreplicas: [{ name: web, count: 3 }]\n',
    );
    await run(kubectl, 'create', 'namespace', 'overlay');
  });

  it('builds what kubectl applies, finds unchanged, applies on the server and deletes', async () => {
    await write('built.yaml', await run(binaries['kustomize']!, 'build', 'overlay'));
    await run(kubectl, 'apply', '-f', 'built.yaml');
    expect(await run(kubectl, 'rollout', 'status', '-n', 'overlay', 'deploy/web', '--timeout=60s')).toMatch(
      /rolled out/,
    );
    expect(await run(kubectl, 'diff', '-k', 'overlay')).toBe('');
    expect(await run(kubectl, 'apply', '--server-side', '--force-conflicts', '-f', 'built.yaml')).toMatch(
      /deployment\.apps\/web serverside-applied/,
    );
    await run(kubectl, 'delete', '-k', 'overlay', '--timeout=60s');
    expect((await client.get('/apis/apps/v1/namespaces/overlay/deployments')).items).toEqual([]);
  });
});

/** Runs kubectl until it says the text, which it does while it waits for something else. */
async function untilSaid(text: string, ...args: string[]): Promise<void> {
  const child = spawn(kubectl, args, { env: environment(), cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  for await (const chunk of child.stderr.setEncoding('utf8')) {
    said += chunk;
    if (said.includes(text)) child.kill();
  }
  expect(said).toContain(text);
}

describe('kubectl', () => {
  it.each([
    ['logs', ['logs', 'bare']],
    ['exec', ['exec', 'bare', '--', 'ls']],
    ['attach', ['attach', 'bare']],
    ['portforward', ['port-forward', 'bare', ':80']],
  ])('is told why there is no %s', async (what, args) => {
    await run(kubectl, 'run', `bare-${what}`, '--image=nginx');
    const named = args.map((arg) => (arg === 'bare' ? `bare-${what}` : arg));
    const subresource = what === 'logs' ? 'log' : what;
    await expect(run(kubectl, ...named)).rejects.toThrow(
      `${subresource} of pod default/bare-${what} is not available: pods are simulated by the embedded API server and run no containers`,
    );
  });

  it('drains the node as far as budgets allow, and takes it in again', async () => {
    await run(kubectl, 'create', 'deployment', 'kept', '--image=nginx', '--replicas=2');
    await run(kubectl, 'rollout', 'status', 'deploy/kept', '--timeout=60s');
    await run(kubectl, 'create', 'poddisruptionbudget', 'kept', '--selector=app=kept', '--min-available=1');
    const drain = ['drain', 'n0', '--force', '--ignore-daemonsets'];
    await untilSaid("Cannot evict pod as it would violate the pod's disruption budget", ...drain);
    await run(kubectl, 'uncordon', 'n0');
    expect(await run(kubectl, 'rollout', 'status', 'deploy/kept', '--timeout=60s')).toMatch(/rolled out/);
  });
});
