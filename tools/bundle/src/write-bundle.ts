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
import type { LinkedChunks } from './link-chunks.ts';

/** Where `apps/flux/start.cjs` looks. */
function bundleFolder(root: string): string {
  return join(root, 'node_modules', '.cache', 'flux-ts');
}

const notLinked: LinkedChunks = { names: [], code: '' };

/** For this long after its last change a bundle serves processes that may still load chunks of it. */
const keptMs = 10 * 60 * 1000;

/**
 * Bundles the command line of a checkout. The bundle is complete before `current.json`, which names it, is renamed into
 * place; so any number of processes may start, or bundle, at the same time.
 */
export async function writeBundle(root: string): Promise<string> {
  const startedAtMs = Date.now();
  const entry = join(root, 'apps/flux/src/main.ts');
  const { code, main, packages, commonJs, inputs, consulted, link } = await makeChunks(root, entry);
  const perPackage = [...consulted, ...packageFiles(root)];
  const always = rootFiles(root);
  const commands = commandInputs(inputs, readFileSync(join(root, 'apps/flux/src/root.ts'), 'utf8'));
  const isOwn = (path: string) => !path.includes('node_modules/') && existsSync(join(root, path));
  const stamps = settledStamps(root, [...always, ...perPackage, ...Object.keys(inputs).filter(isOwn)], startedAtMs);
  const files = new Map(code);
  for (const [command, { now, later, lateEntries }] of commands) {
    const first = new Set([...always, ...now, ...inPackagesOf(now, perPackage)]);
    const { names, code: linkedCode } = lateEntries.length > 0 ? await link(lateEntries) : notLinked;
    files.set(`${command}.json`, JSON.stringify({ now: stampList([...first], stamps), linked: names }));
    if (names.length === 0) continue;
    const rest = [...later, ...inPackagesOf(later, perPackage)].filter((path) => !first.has(path));
    files.set(`${command}.later.json`, JSON.stringify(stampList(rest, stamps)));
    files.set(`${command}.js`, linkedCode);
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

/** What starts bundles, and what decides which packages there are and which versions of installed ones. */
function rootFiles(root: string): string[] {
  return ['apps/flux/start.cjs', 'package.json', 'package-lock.json', 'node_modules/.package-lock.json'].filter(
    (path) => existsSync(join(root, path)),
  );
}

/** What decides how imports between packages are resolved. */
function packageFiles(root: string): string[] {
  return globSync('*/*/package.json', { cwd: root }).filter((path) => !path.startsWith('node_modules/'));
}

/** Of files that decide about their own package only, those in a package that some input is in. */
function inPackagesOf(inputs: ReadonlySet<string>, files: readonly string[]): string[] {
  const packages = new Set([...inputs].map(packageOf));
  return files.filter((file) => packages.has(packageOf(file)));
}

function packageOf(path: string): string {
  return path.split('/', 2).join('/');
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
