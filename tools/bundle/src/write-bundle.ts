import { createHash, randomUUID } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeChunks } from './chunks.ts';
import { commandInputs } from './command-inputs.ts';
import { type Stamp, settledStamps } from './input-stamps.ts';

/** Where `apps/flux/start.cjs` looks. */
function bundleFolder(root: string): string {
  return join(root, 'node_modules', '.cache', 'flux-ts');
}

/** For this long after its last change a bundle serves processes that may still load chunks of it. */
const keptMs = 10 * 60 * 1000;

/**
 * Bundles the command line of a checkout. The bundle is complete before `current.json`, which names it, is renamed into
 * place; so any number of processes may start, or bundle, at the same time.
 */
export async function writeBundle(root: string): Promise<string> {
  const startedAtMs = Date.now();
  const { code, main, entries, packages, commonJs, inputs, consulted } = await makeChunks(
    root,
    join(root, 'apps/flux/src/main.ts'),
  );
  const always = [...consulted, ...packageFiles(root)];
  const commands = commandInputs(inputs, readFileSync(join(root, 'apps/flux/src/root.ts'), 'utf8'));
  const isOwn = (path: string) => !path.includes('node_modules/') && existsSync(join(root, path));
  const stamps = settledStamps(root, [...always, ...Object.keys(inputs).filter(isOwn)], startedAtMs);
  const files = new Map(code);
  for (const [command, { now, later, lateEntries }] of commands) {
    const first = new Set([...always, ...now]);
    const inputsOfCommand = {
      now: stampList([...first], stamps),
      later: stampList(
        [...later].filter((path) => !first.has(path)),
        stamps,
      ),
      chunks: lateEntries.map((path) => entries.get(path)),
    };
    files.set(`${command}.json`, JSON.stringify(inputsOfCommand));
  }
  const id = createHash('sha256')
    .update(JSON.stringify([...files]))
    .digest('hex')
    .slice(0, 16);
  const folder = bundleFolder(root);
  writeOnce(join(folder, id), files);
  replaceFile(join(folder, 'current.json'), JSON.stringify({ id, root, main, packages, commonJs }));
  removeOld(folder, id);
  return id;
}

/** What decides how imports between packages, and of installed ones, are resolved. */
function packageFiles(root: string): string[] {
  return [...globSync(['package.json', 'package-lock.json', '*/*/package.json'], { cwd: root })]
    .filter((path) => !path.startsWith('node_modules/'))
    .concat(['node_modules/.package-lock.json'].filter((path) => existsSync(join(root, path))));
}

/** Path, time and size of each of our own; sorted, as the bundler reads files in any order and the id must not tell. */
function stampList(paths: readonly string[], stamps: ReadonlyMap<string, Stamp>): (string | number)[] {
  return paths.toSorted().flatMap((path) => {
    const stamp = stamps.get(path);
    return stamp ? [path, ...stamp] : [];
  });
}

function writeOnce(folder: string, files: ReadonlyMap<string, string>): void {
  if (existsSync(folder)) return;
  const draft = `${folder}.${randomUUID()}`;
  mkdirSync(draft, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(draft, name), text);
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // another process was faster with the same content
    if (!existsSync(folder)) throw error;
  }
}

function replaceFile(path: string, text: string): void {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}

/** Removes bundles that no process uses: `start.cjs` leaves a `pid-<n>` file for those that run long. */
function removeOld(folder: string, current: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const entry = name === current ? undefined : statSync(path, { throwIfNoEntry: false });
    if (entry?.isDirectory() && Date.now() - entry.mtimeMs > keptMs && !isUsed(path)) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

function isUsed(folder: string): boolean {
  return readdirSync(folder).some((name) => name.startsWith('pid-') && isAlive(Number(name.slice('pid-'.length))));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
