import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { type Kubeconfig, KubeconfigError, type KubeconfigSource, mergeKubeconfigs } from './kubeconfig.ts';

export interface KubeconfigLocation {
  /** An explicit file (`--kubeconfig`): it alone is read, and must exist. */
  path?: string;
  /** The text itself; relative paths in it start at the working directory. */
  text?: string;
  env?: Readonly<Record<string, string | undefined>>;
}

/** Reads the kubeconfig that kubectl would: an explicit one, the files of KUBECONFIG merged, or `~/.kube/config`. */
export async function loadKubeconfig(location: KubeconfigLocation = {}): Promise<Kubeconfig | undefined> {
  if (location.text !== undefined) {
    return mergeKubeconfigs([{ text: location.text, name: 'kubeconfig', directory: process.cwd() }]);
  }
  if (location.path) return mergeKubeconfigs([await readSource(location.path)]);
  const env = location.env ?? process.env;
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  const paths = listed.length > 0 ? [...new Set(listed)] : [join(env['HOME'] || homedir(), '.kube', 'config')];
  const sources: KubeconfigSource[] = [];
  for (const path of paths) {
    const source = await findSource(path);
    if (source) sources.push(source);
  }
  return sources.length > 0 ? mergeKubeconfigs(sources) : undefined;
}

async function readSource(path: string): Promise<KubeconfigSource> {
  const source = await findSource(path);
  if (!source) throw new KubeconfigError(`error loading config file "${path}": no such file or directory`);
  return source;
}

async function findSource(path: string): Promise<KubeconfigSource | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    return { text, name: path, directory: dirname(resolve(path)), path: resolve(path) };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KubeconfigError(`error loading config file "${path}": ${(cause as Error).message}`, { cause });
  }
}
