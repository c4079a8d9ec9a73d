import type { ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { FluxError } from '@flux/errors';
import { controllerManagerArgs, kwokArgs, writeStages } from './control-loops.ts';
import { freePorts, startProcess, stopAll } from './processes.ts';

export interface RealCluster {
  url: string;
  /** Path of a kubeconfig with cluster-admin rights. */
  kubeconfig: string;
  /** Process ids by program. */
  pids: Readonly<Record<string, number>>;
  /** Kills the API server, which loses what it was doing, and starts it again. */
  restartApiServer(): Promise<void>;
  stop(): Promise<void>;
}

export interface KubernetesOptions {
  /** False starts etcd and the API server alone, for measurements of them. */
  controlLoops?: boolean;
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
  options: KubernetesOptions = {},
): Promise<RealCluster> {
  await mkdir(directory, { recursive: true });
  const ports = await freePorts(3);
  const children: ChildProcess[] = [];
  const pids: Record<string, number> = {};
  const start = (name: string, args: string[]) => {
    const child = startProcess(binaries[name]!, name, args, directory);
    children.push(child);
    pids[name] = child.pid ?? 0;
    return child;
  };
  const stop = () => stopAll(children);
  try {
    const [client, peer, api] = ports as [number, number, number];
    const token = randomBytes(16).toString('hex');
    await writeCredentials(directory, token);
    start('etcd', etcdArgs(directory, client, peer));
    const startApiServer = () => start('kube-apiserver', apiServerArgs(directory, client, api));
    let apiServer = startApiServer();
    const url = `https://127.0.0.1:${api}`;
    await until(() => isReady(url, token), children, directory);
    const restartApiServer = async () => {
      await stopAll([apiServer]);
      children.splice(children.indexOf(apiServer), 1);
      apiServer = startApiServer();
      await until(() => isReady(url, token), children, directory);
    };
    const kubeconfig = await writeKubeconfig(directory, url, token);
    if (options.controlLoops === false) return { url, kubeconfig, pids, restartApiServer, stop };
    start('kube-controller-manager', [
      ...controllerManagerArgs({
        kubeconfig,
        serviceAccountKeyFile: join(directory, 'sa.key'),
        rootCaFile: join(directory, 'certs', 'apiserver.crt'),
      }),
      '--leader-elect=false',
      '--secure-port=0',
      // A simulated node sends no heartbeats here that the node lifecycle controller would accept.
      '--controllers=*,-node-lifecycle-controller',
    ]);
    start('kube-scheduler', ['--kubeconfig', kubeconfig, '--secure-port=0', '--leader-elect=false']);
    start('kwok', kwokArgs(kubeconfig, await writeStages(directory)));
    await createNode(url, token);
    return { url, kubeconfig, pids, restartApiServer, stop };
  } catch (error) {
    await stop();
    throw error;
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
  // one that has ended is told at once; only one that hangs takes as long
  const deadline = Date.now() + 600_000;
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
