import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { Credentials, Identity } from './connection.ts';
import { type ExecConfig, type KubeconfigCluster, KubeconfigError } from './kubeconfig.ts';

interface ExecTarget {
  server: string;
  ca: string | undefined;
  /** Of the kubeconfig: a command with a path separator is relative to it. */
  directory: string;
  cluster: KubeconfigCluster;
}

interface ExecStatus {
  token?: string;
  clientCertificateData?: string;
  clientKeyData?: string;
  expirationTimestamp?: string;
}

const versions = new Set(['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']);
const maxOutputBytes = 1024 * 1024;

/** Credentials printed by a plugin, kept until they expire or the server refuses them; one run at a time. */
export function execCredentials(config: ExecConfig, target: ExecTarget, base: Identity = {}): Credentials {
  assertConfig(config);
  let cached: { identity: Identity; expiresAt: number } | undefined;
  let running: Promise<Identity> | undefined;
  const run = async () => {
    try {
      const status = await runPlugin(config, target);
      const identity = { ...base, ...identityOf(status, config) };
      const expiresAt = status.expirationTimestamp ? Date.parse(status.expirationTimestamp) : Number.POSITIVE_INFINITY;
      cached = { identity, expiresAt };
      return identity;
    } finally {
      running = undefined;
    }
  };
  const start = () => {
    running ??= run();
    return running;
  };
  return {
    get: () => (cached && cached.expiresAt > Date.now() ? Promise.resolve(cached.identity) : start()),
    async refresh() {
      cached = undefined;
      await start();
      return true;
    },
  };
}

function assertConfig(config: ExecConfig): void {
  if (!config.command) throw new KubeconfigError('users[].user.exec.command is empty');
  if (!versions.has(config.apiVersion ?? '')) {
    throw new KubeconfigError(
      `users[].user.exec.apiVersion "${config.apiVersion ?? ''}" is not supported, use ${[...versions].join(' or ')}`,
    );
  }
  if (config.interactiveMode === 'Always' && !process.stdin.isTTY) {
    throw new KubeconfigError(
      `the exec plugin ${config.command} needs a terminal (interactiveMode: Always), and there is none`,
    );
  }
}

async function runPlugin(config: ExecConfig, target: ExecTarget): Promise<ExecStatus> {
  const command = config.command ?? '';
  const output = await capture(config, target);
  let credential: unknown;
  try {
    credential = JSON.parse(output);
  } catch (cause) {
    throw new KubeconfigError(`decoding the output of exec plugin ${command}: it is no JSON`, { cause });
  }
  const { kind, apiVersion, status } = credential as { kind?: unknown; apiVersion?: unknown; status?: unknown };
  if (kind !== 'ExecCredential' || apiVersion !== config.apiVersion) {
    throw new KubeconfigError(
      `exec plugin ${command} is configured to use API version ${config.apiVersion}, it returned ${String(kind)} of version ${String(apiVersion)}`,
    );
  }
  if (typeof status !== 'object' || status === null) {
    throw new KubeconfigError(`exec plugin ${command} didn't return a status field`);
  }
  return status as ExecStatus;
}

function identityOf(status: ExecStatus, config: ExecConfig): Identity {
  const { token, clientCertificateData: cert, clientKeyData: key } = status;
  if (!token && !cert) {
    throw new KubeconfigError(`exec plugin ${config.command} didn't return a token or cert/key pair`);
  }
  if (cert && !key)
    throw new KubeconfigError(`exec plugin ${config.command} returned only certificate or key, not both`);
  return {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(cert && key ? { certificate: { cert, key } } : {}),
  };
}

function capture(config: ExecConfig, target: ExecTarget): Promise<string> {
  const name = config.command ?? '';
  const command = /[/\\]/.test(name) ? resolve(target.directory, name) : name;
  const interactive = config.interactiveMode !== 'Never' && Boolean(process.stdin.isTTY);
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const { name: variable, value } of config.env ?? []) env[variable] = value;
  env['KUBERNETES_EXEC_INFO'] = JSON.stringify(execInfo(config, target, interactive));
  return new Promise((resolveOutput, reject) => {
    const child = spawn(command, config.args ?? [], {
      env,
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxOutputBytes) chunks.push(chunk);
      else child.kill();
    });
    child.on('error', (cause) => {
      const hint = config.installHint ? `\n\n${config.installHint}` : '';
      reject(
        new KubeconfigError(`getting credentials: exec: executable ${name} not found or not runnable${hint}`, {
          cause,
        }),
      );
    });
    child.on('close', (code, signal) => {
      if (code === 0 && bytes <= maxOutputBytes) resolveOutput(Buffer.concat(chunks).toString('utf8'));
      else
        reject(
          new KubeconfigError(`getting credentials: exec: executable ${name} failed with exit code ${code ?? signal}`),
        );
    });
  });
}

function execInfo(config: ExecConfig, target: ExecTarget, interactive: boolean): unknown {
  const cluster = target.cluster;
  return {
    kind: 'ExecCredential',
    apiVersion: config.apiVersion,
    spec: {
      interactive,
      ...(config.provideClusterInfo
        ? {
            cluster: {
              server: target.server,
              ...(cluster['tls-server-name'] ? { 'tls-server-name': cluster['tls-server-name'] } : {}),
              ...(cluster['insecure-skip-tls-verify'] ? { 'insecure-skip-tls-verify': true } : {}),
              ...(target.ca ? { 'certificate-authority-data': Buffer.from(target.ca).toString('base64') } : {}),
              ...(cluster['proxy-url'] ? { 'proxy-url': cluster['proxy-url'] } : {}),
            },
          }
        : {}),
    },
  };
}
