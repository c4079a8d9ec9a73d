import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commitFolder, createBareRepositoryOn } from './commit-folder.ts';

const commit = { branch: 'master', message: 'Import', author: { name: 'flux', email: 'flux@localhost' } };
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'commit-folder-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('a folder becomes a commit, and another one only after a change', async () => {
  const repository = join(directory, 'x.git');
  const folder = join(directory, 'folder');
  await createBareRepositoryOn(repository, 'master');
  await createBareRepositoryOn(folder, 'main');
  await writeFile(join(folder, '.gitignore'), '/*\n!/app.yaml\n!/.gitignore\n');
  await writeFile(join(folder, 'app.yaml'), 'a: 1\n');

  const first = await commitFolder(repository, folder, commit);
  const same = await commitFolder(repository, folder, commit);
  await writeFile(join(folder, 'app.yaml'), 'a: 2\n');
  const second = await commitFolder(repository, folder, commit);

  expect(first).toMatch(/^[0-9a-f]{40}$/);
  expect(same).toBeUndefined();
  expect(second).not.toBe(first);
});
