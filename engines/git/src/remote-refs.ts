import { GitError } from './git-error.ts';
import { readPktLines } from './pkt-line.ts';

/** What a remote says that it has. */
export interface RemoteRefs {
  /** Object ids by full name, `HEAD` included. */
  readonly refs: ReadonlyMap<string, string>;
  /** The commits that annotated tags point to, by the name of the tag. */
  readonly peeled: ReadonlyMap<string, string>;
  /** Where HEAD points, such as `refs/heads/main`. */
  readonly head: string | undefined;
  /** What the server offers; known over HTTP only. */
  readonly capabilities: ReadonlySet<string>;
}

/** The commit of a ref: annotated tags are peeled (SRC-GIT-12). */
export function commitOf(remote: RemoteRefs, name: string): string | undefined {
  if (name.endsWith('^{}')) return remote.peeled.get(name.slice(0, -3));
  return remote.peeled.get(name) ?? remote.refs.get(name);
}

/** Parses the answer to `GET /info/refs?service=git-upload-pack` of protocol version 0. */
export function parseAdvertisement(bytes: Buffer): RemoteRefs {
  const found = new RefCollector();
  let first = true;
  for (const line of readPktLines(bytes)) {
    if (line === undefined) continue;
    const text = line.toString().replace(/\n$/, '');
    if (first && text.startsWith('# service=')) continue;
    if (text.startsWith('ERR ')) throw new GitError('process', text.slice(4));
    const [entry = '', capabilities = ''] = text.split('\0');
    if (first) found.capabilities = new Set(capabilities.split(' '));
    if (first) found.head = /(?:^| )symref=HEAD:(\S+)/.exec(capabilities)?.[1];
    first = false;
    found.add(entry.slice(0, entry.indexOf(' ')), entry.slice(entry.indexOf(' ') + 1));
  }
  return found;
}

/** Parses the output of `git ls-remote --symref`. */
export function parseListing(text: string): RemoteRefs {
  const found = new RefCollector();
  for (const line of text.split('\n')) {
    const [value = '', name = ''] = line.split('\t');
    if (value.startsWith('ref: ')) found.head = value.slice(5);
    else found.add(value, name);
  }
  return found;
}

class RefCollector implements RemoteRefs {
  readonly refs = new Map<string, string>();
  readonly peeled = new Map<string, string>();
  head: string | undefined;
  capabilities: ReadonlySet<string> = new Set();

  add(id: string, name: string): void {
    if (!/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(id) || name === '' || name === 'capabilities^{}') return;
    if (name.endsWith('^{}')) this.peeled.set(name.slice(0, -3), id);
    else this.refs.set(name, id);
  }
}
