import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createWriteStream, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { FluxError } from '@flux/errors';
import { stages } from './stages.ts';

export interface RealCluster {
  url: string;
  /** Path of a kubeconfig with cluster-admin rights. */
  kubeconfig: string;
  stop(): Promise<void>;
}

/** A part of the control plane ended or did not become ready; the message names its log file. */
export class ControlPlaneError extends FluxError {
  override readonly code = 'CONTROL_PLANE';
}

/**
 * Starts etcd, the API server, the controller manager, the scheduler and kwok on loopback ports, with state and logs in
 * `directory`, and resolves when the API server is ready and one simulated node accepts pods.
 */
export async function startKubernetes(
  binaries: Readonly<Record<string, string>>,
  directory: string,
): Promise<RealCluster> {
  await mkdir(directory, { recursive: true });
  const ports = await freePorts(3);
  const children: ChildProcess[] = [];
  const start = (name: string, args: string[]) => children.push(startProcess(binaries[name]!, name, args, directory));
  const stop = () => stopAll(children);
  try {
    const [client, peer, api] = ports as [number, number, number];
    const token = randomBytes(16).toString('hex');
    await writeCredentials(directory, token);
    start('etcd', etcdArgs(directory, client, peer));
    start('kube-apiserver', apiServerArgs(directory, client, api));
    const url = `https://127.0.0.1:${api}`;
    await until(() => isReady(url, token), children, directory);
    const kubeconfig = await writeKubeconfig(directory, url, token);
    start('kube-controller-manager', controllerManagerArgs(directory, kubeconfig));
    start('kube-scheduler', ['--kubeconfig', kubeconfig, '--secure-port=0', '--leader-elect=false']);
    const config = join(directory, 'stages.yaml');
    await writeFile(config, stages);
    start('kwok', ['--kubeconfig', kubeconfig, '--manage-all-nodes=true', '--server-address=', '--config', config]);
    await createNode(url, token);
    return { url, kubeconfig, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startProcess(binary: string, name: string, args: string[], directory: string): ChildProcess {
  const log = openSync(join(directory, `${name}.log`), 'w');
  const child = spawn(binary, args, { stdio: ['ignore', log, log], cwd: directory });
  child.on('error', (error) => createWriteStream(join(directory, `${name}.log`), { flags: 'a' }).end(String(error)));
  return child;
}

async function stopAll(children: readonly ChildProcess[]): Promise<void> {
  for (const child of [...children].reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}

function etcdArgs(directory: string, client: number, peer: number): string[] {
  return [
    `--data-dir=${join(directory, 'etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${client}`,
    `--advertise-client-urls=http://127.0.0.1:${client}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-cluster=default=http://127.0.0.1:${peer}`,
    '--unsafe-no-fsync',
    '--log-level=error',
  ];
}

function apiServerArgs(directory: string, etcdPort: number, port: number): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--secure-port=${port}`,
    `--cert-dir=${join(directory, 'certs')}`,
    '--authorization-mode=RBAC',
    `--token-auth-file=${join(directory, 'tokens.csv')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-signing-key-file=${join(directory, 'sa.key')}`,
    `--service-account-key-file=${join(directory, 'sa.pub')}`,
    '--service-cluster-ip-range=10.0.0.0/16',
    '--allow-privileged=true',
    '--watch-cache=true',
  ];
}

function controllerManagerArgs(directory: string, kubeconfig: string): string[] {
  return [
    '--kubeconfig',
    kubeconfig,
    '--leader-elect=false',
    '--secure-port=0',
    // A simulated node sends no heartbeats that the node lifecycle controller would accept.
    '--controllers=*,-node-lifecycle-controller',
    `--service-account-private-key-file=${join(directory, 'sa.key')}`,
    `--root-ca-file=${join(directory, 'certs', 'apiserver.crt')}`,
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}

async function writeCredentials(directory: string, token: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const secret = { mode: 0o600 };
  await writeFile(join(directory, 'sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }), secret);
  await writeFile(join(directory, 'sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  await writeFile(join(directory, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`, secret);
}

async function writeKubeconfig(directory: string, url: string, token: string): Promise<string> {
  const path = join(directory, 'kubeconfig');
  const authority = await readFile(join(directory, 'certs', 'apiserver.crt'), 'utf8');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'kubernetes',
    clusters: [
      {
        name: 'kubernetes',
        cluster: { server: url, 'certificate-authority-data': Buffer.from(authority).toString('base64') },
      },
    ],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'kubernetes', context: { cluster: 'kubernetes', user: 'admin' } }],
  };
  await writeFile(path, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  return path;
}

/** The node that kwok plays; without the taint that the scheduler would respect until a kubelet reports. */
async function createNode(url: string, token: string): Promise<void> {
  const capacity = { cpu: '64', memory: '256Gi', pods: '2000' };
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n0', labels: { 'kubernetes.io/hostname': 'n0', 'kubernetes.io/os': 'linux' } },
    status: { allocatable: capacity, capacity },
  };
  const created = await call(url, token, 'POST', '/api/v1/nodes', node);
  if (created >= 300) throw new ControlPlaneError(`creating the node failed with HTTP ${created}`);
  const untaint = [{ op: 'add', path: '/spec/taints', value: [] }];
  await call(url, token, 'PATCH', '/api/v1/nodes/n0', untaint);
}

async function isReady(url: string, token: string): Promise<boolean> {
  return (await call(url, token, 'GET', '/readyz').catch(() => 0)) === 200;
}

/** Start-up is the one place where there is nothing to watch yet, so readiness is asked for in short intervals. */
async function until(
  ready: () => Promise<boolean>,
  children: readonly ChildProcess[],
  directory: string,
): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await ready())) {
    const dead = children.find((child) => child.exitCode !== null);
    if (dead) throw new ControlPlaneError(`${dead.spawnfile} ended with ${dead.exitCode}; its log is in ${directory}`);
    if (Date.now() > deadline) throw new ControlPlaneError(`the API server is not ready; its log is in ${directory}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function call(url: string, token: string, method: string, path: string, body?: unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    const type = method === 'PATCH' ? 'application/json-patch+json' : 'application/json';
    const headers = { authorization: `Bearer ${token}`, 'content-type': type };
    // The server made its certificate a moment ago; from here on the kubeconfig carries it.
    const outgoing = request(`${url}${path}`, { method, headers, rejectUnauthorized: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
