/** A git URL as kustomize splits it into the repository to clone and the path inside it. */
export interface RepositorySpec {
  readonly raw: string;
  /** What to clone: host and repository path. */
  readonly cloneUrl: string;
  readonly ref: string;
  /** The kustomization root inside the repository, without a leading slash. */
  readonly path: string;
  readonly submodules: boolean;
}

const schemes = ['ssh://', 'https://', 'http://', 'file://'];

/** Parses a git-like URL; undefined means that the text names a local path. */
export function parseRepository(text: string): RepositorySpec | undefined {
  if (text.startsWith('/')) return undefined;
  const question = text.indexOf('?');
  const address = question < 0 ? text : text.slice(0, question);
  const query = question < 0 ? '' : text.slice(question + 1);
  const host = splitHost(address);
  if (host === undefined) return undefined;
  const parts = splitPath(host.rest, host.host.startsWith('file://'));
  if (parts === undefined || parts.repository === '') return undefined;
  const inner = parts.path.replace(/^\//, '');
  if (normalisePath(inner).startsWith('..')) return undefined;
  return { raw: text, cloneUrl: host.host + parts.repository, path: inner, ...parseQuery(query) };
}

function parseQuery(query: string): { ref: string; submodules: boolean } {
  const values = new URLSearchParams(query);
  const submodules = values.get('submodules') ?? '';
  return {
    ref: values.get('ref') || values.get('version') || '',
    submodules: !/^(0|f|F|false|False|FALSE)$/.test(submodules),
  };
}

function splitHost(address: string): { host: string; rest: string } | undefined {
  let rest = /^git::/i.test(address) ? address.slice(5) : address;
  const scheme = schemes.find((prefix) => rest.toLowerCase().startsWith(prefix)) ?? '';
  rest = rest.slice(scheme.length);
  const user = /^([a-zA-Z][a-zA-Z0-9-]*)@/.exec(rest)?.[0] ?? '';
  rest = rest.slice(user.length);
  const github = /^github\.com[/:]/i.test(rest);
  const scpStyle = scheme === '' && (user !== '' || github);
  if (scheme === '' && !scpStyle) return undefined;
  if (scheme === 'file://') return { host: scheme, rest: user + rest };
  const end = hostEnd(rest, scpStyle);
  const host = end < 0 ? rest : rest.slice(0, end + 1);
  const path = end < 0 ? '' : rest.slice(end + 1);
  if (host === '') return undefined;
  if (!github) return { host: scheme + user + host, rest: path };
  const ssh = scheme === 'ssh://' || user !== '';
  return { host: ssh ? `${user}github.com:` : 'https://github.com/', rest: path };
}

function hostEnd(text: string, scpStyle: boolean): number {
  const slash = text.indexOf('/');
  if (!scpStyle) return slash;
  const colon = text.indexOf(':');
  return slash === -1 || (colon > 0 && colon < slash) ? colon : slash;
}

function splitPath(text: string, wholePath: boolean): { repository: string; path: string } | undefined {
  const azure = text.indexOf('_git/');
  if (azure >= 0) {
    const [repository = '', ...path] = text.slice(azure + 5).split('/');
    return { repository: text.slice(0, azure + 5) + repository, path: path.join('/') };
  }
  const double = text.indexOf('//');
  if (double >= 0) return { repository: text.slice(0, double), path: text.slice(double + 2) };
  const suffix = text.indexOf('.git');
  if (suffix >= 0) return { repository: text.slice(0, suffix + 4), path: text.slice(suffix + 4) };
  if (wholePath) return { repository: text, path: '' };
  const segments = text.split('/');
  if (segments.length < 2) return undefined;
  return { repository: segments.slice(0, 2).join('/'), path: segments.slice(2).join('/') };
}

/** Go's filepath.Clean for slash-separated paths. */
export function normalisePath(path: string): string {
  const absolute = path.startsWith('/');
  const result: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') result.push(part);
    else if (result.length > 0 && result.at(-1) !== '..') result.pop();
    else if (!absolute) result.push('..');
  }
  const joined = result.join('/');
  if (absolute) return `/${joined}`;
  return joined === '' ? '.' : joined;
}

export function joinPath(...parts: readonly string[]): string {
  return normalisePath(parts.filter((part) => part !== '').join('/'));
}
