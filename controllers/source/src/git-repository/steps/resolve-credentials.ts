import { messageOf } from '@flux/errors';
import type { GitCredentials } from '@flux/git';
import type { ReconcileError } from '@flux/runtime';
import { fetchFailed, type GitRepositoryRun, readSecret } from '../deps.ts';
import { isEncryptedKey } from './ssh-key.ts';

/** What the secret and the provider of the object say about authentication (SRC-GIT-20..25). */
export async function resolveCredentials(run: GitRepositoryRun): Promise<GitCredentials> {
  const { url, secretRef } = run.object.spec;
  const secretName = `${run.object.metadata.namespace}/${secretRef?.name}`;
  const data = secretRef ? await loadSecret(run, secretRef.name, secretName) : new Map<string, string>();
  const parsed = parseUrl(url);
  const credentials = parsed.protocol === 'ssh:' ? sshCredentials(data) : httpCredentials(data);
  checkOptions(parsed, credentials, secretName);
  checkProvider(run, data, secretName);
  return credentials;
}

async function loadSecret(
  run: GitRepositoryRun,
  name: string,
  secretName: string,
): Promise<ReadonlyMap<string, string>> {
  try {
    return await readSecret(run, name);
  } catch (error) {
    // Both the step and its helper name the secret upstream, and users see both.
    const prefix = `failed to get secret '${secretName}'`;
    throw fetchFailed('AuthenticationFailed', `${prefix}: ${prefix}: ${messageOf(error)}`, { cause: error });
  }
}

/** SRC-GIT-30: an address that cannot be read does not get better by itself. */
function parseUrl(url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  throw fetchFailed('URLInvalid', `failed to parse url '${url}': parse "${url}": invalid URL`, { retry: 'stalled' });
}

/** Bearer wins; then user and password are not looked at (SRC-GIT-20). `ca.crt` wins over `caFile` (SRC-GIT-21). */
function httpCredentials(data: ReadonlyMap<string, string>): GitCredentials {
  const [ca, cert, key] = [data.get('ca.crt') ?? data.get('caFile'), data.get('tls.crt'), data.get('tls.key')];
  const tls = { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
  const withTls = Object.keys(tls).length > 0 ? { tls } : {};
  const bearerToken = data.get('bearerToken');
  if (bearerToken) return { bearerToken, ...withTls };
  const [username, password] = [data.get('username'), data.get('password')];
  return { ...(username ? { username } : {}), ...(password ? { password } : {}), ...withTls };
}

function sshCredentials(data: ReadonlyMap<string, string>): GitCredentials {
  const [identity, knownHosts, passphrase] = [data.get('identity'), data.get('known_hosts'), data.get('password')];
  return {
    ...(identity ? { identity } : {}),
    ...(knownHosts ? { knownHosts } : {}),
    ...(passphrase ? { passphrase } : {}),
  };
}

function checkOptions(url: URL, credentials: GitCredentials, secretName: string): void {
  const transport = url.protocol.slice(0, -1);
  const missing = (what: string) =>
    fetchFailed(
      'AuthenticationFailed',
      `failed to configure authentication options: invalid '${transport}' auth option: ${what}`,
    );
  if (transport !== 'ssh') {
    const username = credentials.username ?? url.username;
    if (credentials.password && !username) throw missing("'password' requires 'username' to be set");
    return;
  }
  if (!credentials.identity) throw missing("'identity' is required");
  if (!credentials.knownHosts) throw missing("'known_hosts' is required");
  if (!credentials.passphrase && isEncryptedKey(credentials.identity)) {
    throw fetchFailed(
      'AuthenticationFailed',
      `SSH identity key is encrypted but no 'password' field was provided in the secret '${secretName}'`,
    );
  }
}

const gateDisabled =
  'to use spec.serviceAccountName for provider authentication please enable the ObjectLevelWorkloadIdentity feature gate in the controller';
const noAppData = 'secretRef with github app data must be specified when provider is set to github';

/** Cloud providers and GitHub Apps are refused with a clear condition until they are built. */
function checkProvider(run: GitRepositoryRun, data: ReadonlyMap<string, string>, secretName: string): void {
  const { provider, serviceAccountName, secretRef } = run.object.spec;
  switch (provider) {
    case 'aws':
    case 'azure':
      if (serviceAccountName) throw fetchFailed('FeatureGateDisabled', gateDisabled, { retry: 'stalled' });
      throw unsupported(provider);
    case 'github':
      if (!secretRef) throw fetchFailed('InvalidProviderConfiguration', noAppData, { retry: 'stalled' });
      if (!data.get('githubAppID')) throw fetchFailed('InvalidProviderConfiguration', noAppData);
      throw unsupported(provider);
    default:
      if (!data.get('githubAppID')) return;
      throw fetchFailed(
        'InvalidProviderConfiguration',
        `secretRef '${secretName}' has github app data but provider is not set to github`,
      );
  }
}

function unsupported(provider: string): ReconcileError {
  return fetchFailed(
    'AuthenticationFailed',
    `failed to configure authentication options: spec.provider '${provider}' is not supported by this version of source-controller`,
  );
}
