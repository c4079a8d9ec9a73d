import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { messageOf } from '@flux/errors';
import { type ExecConfig, type KubeconfigCluster, KubeconfigError } from './kubeconfig.ts';

/** The cluster that a plugin is asked about. */
export interface ExecTarget {
  server: string;
  ca: string | undefined;
  /** Of the kubeconfig: a command with a path separator is relative to it. */
  directory: string;
  cluster: KubeconfigCluster;
}

const maxOutputBytes = 1024 * 1024;
/** The entry of `clusters[].cluster.extensions` that a plugin gets as its configuration. */
const configExtension = 'client.authentication.k8s.io/exec';
const aboutPlugins = `

It looks like you are trying to use a credential plugin that is not installed.

To learn more about this feature, consult the documentation available at:
      https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins`;

/** Runs the plugin and gives what it printed. An aborted signal kills it. */
export function runExecPlugin(config: ExecConfig, target: ExecTarget, signal: AbortSignal): Promise<string> {
  const name = config.command ?? '';
  const command = /[/\\]/.test(name) ? resolve(target.directory, name) : name;
  const interactive = isInteractive(config);
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const { name: variable, value } of config.env ?? []) env[variable] = value;
  env['KUBERNETES_EXEC_INFO'] = JSON.stringify(execInfo(config, target, interactive));
  return new Promise((resolveOutput, reject) => {
    const stdio: ('inherit' | 'ignore' | 'pipe')[] = [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'];
    const child = spawn(command, config.args ?? [], { env, stdio, signal });
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxOutputBytes) chunks.push(chunk);
      else child.kill();
    });
    child.on('error', (cause) => reject(signal.aborted ? signal.reason : startFailure(config, cause)));
    child.on('close', (code, killedBy) => {
      if (code === 0 && bytes <= maxOutputBytes) resolveOutput(Buffer.concat(chunks).toString('utf8'));
      else reject(exitFailure(name, bytes, code ?? killedBy));
    });
  });
}

function isInteractive({ interactiveMode = 'IfAvailable', command }: ExecConfig): boolean {
  const hasTerminal = Boolean(process.stdin.isTTY);
  if (interactiveMode === 'Always' && !hasTerminal) {
    throw new KubeconfigError(
      `exec plugin ${command} cannot support interactive mode: standard input is not a terminal`,
    );
  }
  return interactiveMode !== 'Never' && hasTerminal;
}

function startFailure({ command = '', installHint }: ExecConfig, cause: Error): KubeconfigError {
  const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  const hint = installHint ? `\n\n${installHint}` : '';
  const text = isMissing ? `executable ${command} not found${aboutPlugins}${hint}` : messageOf(cause);
  return new KubeconfigError(`getting credentials: exec: ${text}`, { cause });
}

function exitFailure(command: string, bytes: number, code: number | NodeJS.Signals | null): KubeconfigError {
  const text = bytes > maxOutputBytes ? `printed more than ${maxOutputBytes} bytes` : `failed with exit code ${code}`;
  return new KubeconfigError(`getting credentials: exec: executable ${command} ${text}`);
}

function execInfo(config: ExecConfig, target: ExecTarget, interactive: boolean): unknown {
  const spec = { interactive, ...(config.provideClusterInfo ? { cluster: clusterInfo(target) } : {}) };
  return { kind: 'ExecCredential', apiVersion: config.apiVersion, spec };
}

function clusterInfo({ server, ca, cluster }: ExecTarget): unknown {
  const extension = cluster.extensions?.find(({ name }) => name === configExtension)?.extension;
  return {
    server,
    ...(cluster['tls-server-name'] ? { 'tls-server-name': cluster['tls-server-name'] } : {}),
    ...(cluster['insecure-skip-tls-verify'] ? { 'insecure-skip-tls-verify': true } : {}),
    ...(ca ? { 'certificate-authority-data': Buffer.from(ca).toString('base64') } : {}),
    ...(cluster['proxy-url'] ? { 'proxy-url': cluster['proxy-url'] } : {}),
    ...(cluster['disable-compression'] ? { 'disable-compression': true } : {}),
    ...(extension === undefined ? {} : { config: extension }),
  };
}
