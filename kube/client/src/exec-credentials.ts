import { currentText, type TextSource } from './changing-file.ts';
import type { Credentials, Identity } from './connection.ts';
import { type ExecTarget, runExecPlugin } from './exec-plugin.ts';
import { type ExecConfig, KubeconfigError } from './kubeconfig.ts';
import { SharedRun } from './shared-run.ts';

interface ExecStatus {
  token?: string;
  clientCertificateData?: string;
  clientKeyData?: string;
  expirationTimestamp?: string;
}

const versions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const modes = ['Never', 'IfAvailable', 'Always'];

type Target = Omit<ExecTarget, 'ca'> & { ca: string | TextSource | undefined };

/** Credentials printed by a plugin, kept until they expire or the server refuses them; one run at a time. */
export function execCredentials(config: ExecConfig, target: Target, own?: Credentials): Credentials {
  assertConfig(config);
  let cached: { identity: Identity; expiresAt: number } | undefined;
  const runs = new SharedRun(async (signal) => {
    const ca = target.ca === undefined ? undefined : await currentText(target.ca);
    const status = parseStatus(await runExecPlugin(config, { ...target, ca }, signal), config);
    // What the kubeconfig itself has wins, as in client-go.
    const identity = { ...identityOf(status, config), ...(await own?.get()) };
    cached = { identity, expiresAt: expiryOf(status, config) };
    return identity;
  });
  return {
    get: (signal) => (cached && cached.expiresAt > Date.now() ? Promise.resolve(cached.identity) : runs.join(signal)),
    /** Several requests are refused at once: the plugin runs once for them. */
    async refresh(refused, signal) {
      if (cached?.identity === refused) cached = undefined;
      if (!cached) await runs.join(signal);
      return true;
    },
  };
}

function assertConfig(config: ExecConfig): void {
  const { apiVersion = '', interactiveMode } = config;
  if (!config.command) throw new KubeconfigError('users[].user.exec.command is empty');
  if (!versions.includes(apiVersion)) {
    throw new KubeconfigError(
      `users[].user.exec.apiVersion "${apiVersion}" is not supported, use ${versions.join(' or ')}`,
    );
  }
  if (!interactiveMode && apiVersion.endsWith('/v1')) {
    throw new KubeconfigError(
      `users[].user.exec.interactiveMode must be specified (${modes.join(', ')}) in ${apiVersion}`,
    );
  }
  if (interactiveMode && !modes.includes(interactiveMode)) {
    throw new KubeconfigError(
      `users[].user.exec.interactiveMode "${interactiveMode}" is not supported, use ${modes.join(', ')}`,
    );
  }
  if (config.env?.some(({ name }) => !name))
    throw new KubeconfigError('users[].user.exec.env has an entry without a name');
}

function parseStatus(output: string, config: ExecConfig): ExecStatus {
  const { command } = config;
  let credential: unknown;
  try {
    credential = JSON.parse(output);
  } catch {
    throw new KubeconfigError(`decoding the output of exec plugin ${command}: it is no JSON`); // its text may be a secret
  }
  const { kind, apiVersion, status } = (credential ?? {}) as { kind?: unknown; apiVersion?: unknown; status?: unknown };
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

function identityOf(status: ExecStatus, { command }: ExecConfig): Identity {
  const { token, clientCertificateData: cert, clientKeyData: key } = status;
  if (!token && !cert && !key)
    throw new KubeconfigError(`exec plugin ${command} didn't return a token or cert/key pair`);
  if (!cert !== !key) throw new KubeconfigError(`exec plugin ${command} returned only certificate or key, not both`);
  return {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(cert && key ? { certificate: { cert, key } } : {}),
  };
}

function expiryOf({ expirationTimestamp }: ExecStatus, { command }: ExecConfig): number {
  if (!expirationTimestamp) return Number.POSITIVE_INFINITY;
  const time = Date.parse(expirationTimestamp);
  if (!Number.isNaN(time)) return time;
  throw new KubeconfigError(`exec plugin ${command} returned an expirationTimestamp that is no time`);
}
