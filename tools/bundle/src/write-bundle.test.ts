import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeBundle } from './write-bundle.ts';

const launcher = resolve(import.meta.dirname, '../../../apps/flux/start.cjs');
const run = promisify(execFile);
let checkout: TemporaryDirectory;

/** A checkout of two commands and a package, in which everything is a minute old. */
beforeEach(async () => {
  checkout = await temporaryDirectory('bundle');
  await write('package.json', '{"type":"module"}');
  await write('base/words/package.json', '{"name":"@flux/words","type":"module","exports":"./src/index.ts"}');
  await write(
    'base/words/src/index.ts',
    "export { bye } from './bye.ts';\nexport { hello as greet } from './hello.ts';\n",
  );
  await write('base/words/src/hello.ts', 'export const hello = (name: string) => `hello ${name}`;\n');
  await write(
    'base/words/src/bye.ts',
    "import { readFileSync } from 'node:fs';\nexport const bye = () => readFileSync(new URL('./bye.txt', import.meta.url), 'utf8');\n",
  );
  await write('base/words/src/bye.txt', 'bye from a file');
  await write(
    'apps/flux/src/main.ts',
    "const name = process.argv[2];\nvoid import('./root.ts').then(({ commands }) => commands.find((each) => each.name === name)!.load()).then((text) => console.log(text));\n",
  );
  await write(
    'apps/flux/src/root.ts',
    `export const commands = [
  { name: 'hello', load: async () => (await import('./commands/hello.ts')).run() },
  { name: 'shout', load: async () => (await import('./commands/shout.ts')).run() },
  { name: 'build', load: async () => (await import('./commands/build.ts')).run() },
  { name: 'bye', load: async () => (await import('./commands/bye.ts')).run() },
];
`,
  );
  await write(
    'apps/flux/src/commands/hello.ts',
    "import { greet } from '@flux/words';\nexport const run = () => greet('you') + (typeof require === 'function' ? ', bundled' : '');\n",
  );
  await write('apps/flux/src/commands/bye.ts', "import { bye } from '@flux/words';\nexport const run = () => bye();\n");
  await write('node_modules/cjs-words/package.json', '{"name":"cjs-words","main":"index.js"}');
  await write(
    'node_modules/cjs-words/index.js',
    "exports.shout = (text) => text.toUpperCase() + require('node:path').basename(__dirname);\n",
  );
  await write(
    'apps/flux/src/commands/shout.ts',
    "export const run = async () => {\n  const { shout } = await import('cjs-words');\n  return shout('hey');\n};\n",
  );
  await write('apps/flux/src/process.ts', 'export {};\n');
  await write(
    'apps/flux/src/commands/build.ts',
    "export const run = async () => (await import('./build-dir.ts')).run();\n",
  );
  await write(
    'apps/flux/src/commands/build-dir.ts',
    "export const run = async () => (await import('../build/print-folder.ts')).run();\n",
  );
  await write(
    'apps/flux/src/build/print-folder.ts',
    "export const run = async () => process.argv[4] === 'rare' ? (await import('./rare.ts')).rare : 'usual' + (typeof require === 'function' ? ', bundled' : '');\n",
  );
  await write(
    'apps/flux/src/build/rare.ts',
    "export const rare = 'rare' + (typeof require === 'function' ? ', bundled' : '');\n",
  );
  await mkdir(join(checkout.path, 'node_modules/@flux'), { recursive: true });
  await symlink('../../base/words', join(checkout.path, 'node_modules/@flux/words'));
  await write('apps/flux/start.cjs', await readFile(launcher, 'utf8'));
});

afterEach(() => checkout[Symbol.asyncDispose]());

async function write(path: string, text: string): Promise<void> {
  const file = join(checkout.path, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  const aMinuteAgo = new Date(Date.now() - 60_000);
  await utimes(file, aMinuteAgo, aMinuteAgo);
}

/** As the command line does, so that what a build always loads is linked. */
async function startThroughProcess(): Promise<void> {
  await write('apps/flux/src/process.ts', "export { commands } from './root.ts';\n");
  await write(
    'apps/flux/src/main.ts',
    "void import('./process.ts').then(({ commands }) => commands.find((each) => each.name === process.argv[2])!.load()).then((text) => console.log(text));\n",
  );
}

async function flux(...args: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'] };
  return (await run(process.execPath, [join(checkout.path, 'apps/flux/start.cjs'), ...args], { env })).stdout.trim();
}

test('a command starts from its sources when there is no bundle, and from the bundle when there is one', async () => {
  expect(await flux('hello')).toBe('hello you');

  await writeBundle(checkout.path);

  expect(await flux('hello')).toBe('hello you, bundled');
  expect(await flux('hello')).toBe('hello you, bundled');
  expect(await flux('bye')).toBe('bye from a file');
  expect(await flux('shout')).toBe('HEYcjs-words');
});

test('a changed source is never run from an older bundle', async () => {
  await writeBundle(checkout.path);
  await flux('hello');

  await write('base/words/src/hello.ts', 'export const hello = (name: string) => `good day ${name}`;\n');

  expect(await flux('hello')).toBe('good day you');
  await writeBundle(checkout.path);
  expect(await flux('hello')).toBe('good day you, bundled');
});

test('a name that its package takes from another file is not run from an older bundle', async () => {
  await writeBundle(checkout.path);

  await write('base/words/src/other.ts', "export const hello = () => 'something else';\n");
  await write(
    'base/words/src/index.ts',
    "export { bye } from './bye.ts';\nexport { hello as greet } from './other.ts';\n",
  );

  expect(await flux('hello')).toBe('something else');
});

test('a source that only another command loads leaves the bundle in use', async () => {
  await writeBundle(checkout.path);

  await write('apps/flux/src/commands/bye.ts', "export const run = () => 'changed';\n");

  expect(await flux('hello')).toBe('hello you, bundled');
  expect(await flux('bye')).toBe('changed');
});

test('sources that change while they are bundled are not taken for bundled', async () => {
  await writeFile(join(checkout.path, 'base/words/src/hello.ts'), 'export const hello = () => 1;\n');

  await expect(writeBundle(checkout.path)).rejects.toMatchObject({ code: 'SOURCES_CHANGING' });
});

test('bundles made at the same time, and starts while they are made, do no harm', async () => {
  const made = await Promise.all([writeBundle(checkout.path), writeBundle(checkout.path), flux('hello')]);

  expect(made[0]).toBe(made[1]);
  expect(made[2]).toMatch(/^hello you/);
  expect(await Promise.all(['hello', 'hello', 'bye'].map((word) => flux(word)))).toEqual([
    'hello you, bundled',
    'hello you, bundled',
    'bye from a file',
  ]);
});

test('what is noted of a command does not depend on the order in which files are read', async () => {
  const id = await writeBundle(checkout.path);

  const { now } = JSON.parse(
    await readFile(join(checkout.path, 'node_modules/.cache/flux-ts', id, 'build.json'), 'utf8'),
  );
  const paths = now.filter((each: string | number) => typeof each === 'string');

  expect(paths.length).toBeGreaterThan(5);
  expect(paths).toEqual(paths.toSorted());
});

test('a broken pack or bundle is as good as none', async () => {
  const id = await writeBundle(checkout.path);
  await flux('hello');
  const folder = join(checkout.path, 'node_modules/.cache/flux-ts');
  await writeFile(join(folder, id, 'hello.pack'), 'broken');

  expect(await flux('hello')).toBe('hello you, bundled');
  expect((await readFile(join(folder, id, 'hello.pack'))).length).toBeGreaterThan(100);
  expect(await readdir(join(folder, id))).not.toContain(expect.stringContaining('.tmp'));
  await writeFile(join(folder, 'current.json'), '{');
  expect(await flux('hello')).toBe('hello you');
});

test('a moved checkout starts from its sources', async () => {
  await writeBundle(checkout.path);
  const current = join(checkout.path, 'node_modules/.cache/flux-ts/current.json');
  await writeFile(current, (await readFile(current, 'utf8')).replace(checkout.path, '/elsewhere'));

  expect(await flux('hello')).toBe('hello you');
});

test('a build that may have read its standard input is not run again, so it looks at everything first', async () => {
  await startThroughProcess();
  await write(
    'apps/flux/src/commands/build.ts',
    "export const run = async () => (await import('./build-chart.ts')).run();\n",
  );
  await write(
    'apps/flux/src/commands/build-chart.ts',
    "export const run = async () => (await import('../build/print-chart.ts')).run();\n",
  );
  await write(
    'apps/flux/src/build/print-chart.ts',
    "export const run = async () => process.argv[4] === 'rare' ? (await import('./rare.ts')).rare : 'usual' + (typeof require === 'function' ? ', bundled' : '');\n",
  );
  await writeBundle(checkout.path);

  await write('apps/flux/src/build/rare.ts', "export const rare = 'changed';\n");

  expect(await flux('build', 'chart', 'usual')).toBe('usual, bundled');
  for (const values of ['-', '--values=-', 'a.yaml,-', '-,a.yaml', ' - ']) {
    expect(await flux('build', 'chart', 'usual', values)).toBe('usual');
  }
  expect(await flux('build', 'chart', 'rare')).toBe('changed');
});

test('what a build seldom loads is looked at when it does', async () => {
  await startThroughProcess();
  await writeBundle(checkout.path);
  expect(await flux('build', 'dir', 'rare')).toBe('rare, bundled');

  await write('apps/flux/src/build/rare.ts', "export const rare = 'changed';\n");

  expect(await flux('build', 'dir', 'usual')).toBe('usual, bundled');
  expect(await flux('build', 'dir', 'rare')).toBe('changed');
  await write('apps/flux/src/build/print-folder.ts', "export const run = async () => 'all changed';\n");
  expect(await flux('build', 'dir', 'usual')).toBe('all changed');
});

test('what a build loads late shares its modules with what it always loads', async () => {
  await startThroughProcess();
  await write('apps/flux/src/build/shared.ts', 'export const seen: string[] = [];\nexport class Shared {}\n');
  await write(
    'apps/flux/src/build/print-folder.ts',
    "import { Shared, seen } from './shared.ts';\nexport const run = async () => {\n  seen.push('always');\n  return (await import('./rare.ts')).rare(new Shared());\n};\n",
  );
  await write(
    'apps/flux/src/build/rare.ts',
    "import { Shared, seen } from './shared.ts';\nexport const rare = (given: unknown) => `${seen} ${given instanceof Shared}` + (typeof require === 'function' ? ', bundled' : '');\n",
  );
  const id = await writeBundle(checkout.path);

  expect(await flux('build', 'dir')).toBe('always true, bundled');
  expect(await flux('build', 'dir')).toBe('always true, bundled');
  expect(await readdir(join(checkout.path, 'node_modules/.cache/flux-ts', id))).toContain('build dir.js');
});
