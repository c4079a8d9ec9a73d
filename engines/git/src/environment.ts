import { devNull } from 'node:os';

type Environment = Readonly<Record<string, string | undefined>>;

const inherited = [
  'PATH',
  'TMPDIR',
  'SYSTEMROOT',
  'LD_LIBRARY_PATH',
  'NIX_SSL_CERT_FILE',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];
const proxies = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
];

/** A value of git's configuration; values may be secret, they are handed over in the environment and not as arguments. */
export type GitConfig = readonly (readonly [name: string, value: string])[];

const safeConfig: GitConfig = [
  ['core.hooksPath', devNull],
  ['core.fsmonitor', 'false'],
  ['core.autocrlf', 'false'],
  ['core.askPass', ''],
  ['credential.helper', ''],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['protocol.allow', 'never'],
  ['protocol.http.allow', 'always'],
  ['protocol.https.allow', 'always'],
  ['protocol.ssh.allow', 'always'],
  ['protocol.file.allow', 'never'],
  ['submodule.recurse', 'false'],
  ['safe.directory', '*'],
  ['advice.detachedHead', 'false'],
];

/** An environment in which git reads no configuration of system or user, asks nothing, and runs no hooks (SRC-GIT-27). */
export function gitEnvironment(
  config: GitConfig = [],
  extra: Readonly<Record<string, string>> = {},
  outer: Environment = process.env,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of [...inherited, ...proxies]) {
    const value = outer[name];
    if (value !== undefined) environment[name] = value;
  }
  Object.assign(environment, {
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ALLOW_PROTOCOL: 'http:https:ssh',
    HOME: devNull,
    LC_ALL: 'C',
    ...extra,
  });
  return withConfig(environment, [...safeConfig, ...config]);
}

/** Adds configuration through GIT_CONFIG_KEY_n, after what is there already. */
function withConfig(environment: Record<string, string>, config: GitConfig): Record<string, string> {
  config.forEach(([name, value], index) => {
    environment[`GIT_CONFIG_KEY_${index}`] = name;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  environment['GIT_CONFIG_COUNT'] = String(config.length);
  return environment;
}
