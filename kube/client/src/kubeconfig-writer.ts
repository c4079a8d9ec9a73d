import { chmod, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { messageOf } from '@flux/errors';
import { formatYaml, parseYaml } from '@flux/yaml';
import { KubeconfigError } from './kubeconfig.ts';

interface UserEntry {
  name?: unknown;
  user?: { 'auth-provider'?: { config?: Record<string, string> } };
}

/** Changes settings of a user's auth provider in its file, under kubectl's lock; comments in the file are lost, as with kubectl. */
export async function writeAuthProvider(
  origin: { path: string; name: string },
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    const path = await realpath(origin.path);
    await using _lock = await lock(path);
    const file = parseYaml(await readFile(path, 'utf8')) as { users?: UserEntry[] } | null;
    const provider = file?.users?.find(({ name }) => name === origin.name)?.user?.['auth-provider'];
    if (!provider) throw new Error(`it has no auth-provider of user "${origin.name}" any more`);
    provider.config = { ...provider.config, ...settings };
    await replace(path, formatYaml(file));
  } catch (cause) {
    const message = `could not write new tokens to ${origin.path}: ${messageOf(cause)}`;
    throw new KubeconfigError(message, { cause });
  }
}

async function lock(path: string): Promise<AsyncDisposable> {
  const name = `${path}.lock`;
  await (await open(name, 'wx', 0o600)).close();
  return { [Symbol.asyncDispose]: () => rm(name, { force: true }) };
}

/** In one step, so that nobody reads half of it. */
async function replace(path: string, text: string): Promise<void> {
  const { mode } = await stat(path);
  const next = `${path}.new`;
  await writeFile(next, text, { mode: 0o600 });
  await chmod(next, mode);
  await rename(next, path);
}
