import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  memoryFileSystem,
  overlayFileSystem,
  rootedFileSystem,
  secureJoin,
  type TemporaryDirectory,
  temporaryDirectory,
} from './index.ts';

let directory: TemporaryDirectory;
let root: string;

beforeEach(async () => {
  directory = await temporaryDirectory('fs-test');
  root = join(directory.path, 'root');
  mkdirSync(join(root, 'deploy'), { recursive: true });
  writeFileSync(join(root, 'deploy/a.yaml'), 'a: 1\n');
  writeFileSync(join(directory.path, 'secret'), 'secret');
});

afterEach(() => directory[Symbol.asyncDispose]());

describe('rootedFileSystem', () => {
  test('reads files, directories and symlinks below its root', () => {
    symlinkSync('deploy', join(root, 'link'));
    const files = rootedFileSystem(root);

    expect(files.readText(join(root, 'link/a.yaml'))).toBe('a: 1\n');
    expect(files.readDirectory(root)).toEqual(['deploy', 'link']);
    expect(files.realPath(join(root, 'link/a.yaml'))).toBe(join(files.root, 'deploy/a.yaml'));
    expect(files.isFile(join(root, 'deploy/a.yaml'))).toBe(true);
    expect(files.isDirectory(join(root, 'deploy'))).toBe(true);
  });

  test('refuses a path outside of the root in the words of Flux (KUS-BUILD-01)', () => {
    const files = rootedFileSystem(root);
    const path = join(root, '../secret');

    expect(() => files.readFile(path)).toThrow(
      expect.objectContaining({
        code: 'ESCAPE',
        message: `fs-security-constraint read ${path}: path '${path}' is not in or below '${root}'`,
      }),
    );
    expect(files.isFile(path)).toBe(false);
  });

  test('refuses a symlink that leads outside, for reading and for writing', () => {
    symlinkSync(directory.path, join(root, 'out'));
    symlinkSync(join(directory.path, 'new'), join(root, 'dangling'));
    const files = rootedFileSystem(root);

    expect(() => files.readText(join(root, 'out/secret'))).toThrow('is not in or below');
    expect(() => files.writeFile(join(root, 'out/created'), 'x')).toThrow('is not in or below');
    expect(() => files.writeFile(join(root, 'dangling'), 'x')).toThrow('is not in or below');
    expect(() => files.readDirectory(join(root, 'out'))).toThrow('is not in or below');
    expect(files.isDirectory(join(root, 'out'))).toBe(false);
  });

  test('a sibling that shares the name of the root as a prefix is outside', () => {
    mkdirSync(`${root}-other`);
    writeFileSync(`${root}-other/x`, 'x');

    expect(() => rootedFileSystem(root).readFile(`${root}-other/x`)).toThrow('is not in or below');
  });

  test('removing a symlink leaves its target alone', () => {
    symlinkSync(join(directory.path, 'secret'), join(root, 'out'));
    const files = rootedFileSystem(root);

    files.remove(join(root, 'out'));

    expect(rootedFileSystem(directory.path).readText(join(directory.path, 'secret'))).toBe('secret');
    expect(files.readDirectory(root)).toEqual(['deploy']);
  });

  test('says what is missing as Go does', () => {
    const files = rootedFileSystem(root);

    expect(() => files.readFile(join(root, 'gone'))).toThrow(`open ${join(root, 'gone')}: no such file or directory`);
    expect(() => files.readFile(join(root, 'deploy'))).toThrow('is a directory');
    expect(() => files.realPath(join(root, 'gone'))).toThrow(`lstat ${join(root, 'gone')}: no such file or directory`);
  });
});

describe('memoryFileSystem', () => {
  test('makes the directories of its files and lists them in byte order', () => {
    const files = memoryFileSystem({
      '/b/x': '1',
      '/a': new Uint8Array([50]),
      '/B': '',
      '/b/\ud83d\ude00': '',
      '/b/\uff00': '',
    });

    expect(files.readDirectory('/')).toEqual(['B', 'a', 'b']);
    expect(files.readDirectory('/b')).toEqual(['x', '\uff00', '\ud83d\ude00']);
    expect(files.readText('/b/../a')).toBe('2');
  });

  test('names like those of Object.prototype are ordinary names', () => {
    const files = memoryFileSystem();

    files.writeFile('/__proto__/constructor', 'x');

    expect(files.readDirectory('/__proto__')).toEqual(['constructor']);
    expect(files.isFile('/toString')).toBe(false);
  });

  test('throws ENOENT, ENOTDIR and EISDIR', () => {
    const files = memoryFileSystem({ '/a': 'x', '/d/y': '' });

    expect(() => files.readFile('/gone')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(() => files.readFile('/a/b')).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
    expect(() => files.readFile('/d')).toThrow(expect.objectContaining({ code: 'EISDIR' }));
    expect(() => files.writeFile('/a/b', '')).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  });
});

describe('overlayFileSystem', () => {
  test('keeps writes and removals in memory', () => {
    const base = rootedFileSystem(root);
    const files = overlayFileSystem(base);

    files.writeFile(join(root, 'deploy/kustomization.yaml'), 'resources: []\n');
    files.writeFile(join(root, 'deploy/a.yaml'), 'a: 2\n');
    files.writeFile(join(root, 'new/x'), 'x');

    expect(files.readText(join(root, 'deploy/a.yaml'))).toBe('a: 2\n');
    expect(files.readDirectory(join(root, 'deploy'))).toEqual(['a.yaml', 'kustomization.yaml']);
    expect(files.readDirectory(root)).toEqual(['deploy', 'new']);
    expect(base.readText(join(root, 'deploy/a.yaml'))).toBe('a: 1\n');
    expect(base.isDirectory(join(root, 'new'))).toBe(false);
  });

  test('a removed directory is gone until something is written there again', () => {
    const files = overlayFileSystem(rootedFileSystem(root));

    files.remove(join(root, 'deploy'));

    expect(files.isDirectory(join(root, 'deploy'))).toBe(false);
    expect(() => files.readFile(join(root, 'deploy/a.yaml'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    files.writeFile(join(root, 'deploy/b.yaml'), 'b');
    expect(files.readDirectory(join(root, 'deploy'))).toEqual(['b.yaml']);
  });

  test('one file has one name, whatever symlink leads to it', () => {
    symlinkSync('deploy', join(root, 'link'));
    const files = overlayFileSystem(rootedFileSystem(root));

    files.writeFile(join(root, 'link/a.yaml'), 'changed');

    expect(files.readText(join(root, 'deploy/a.yaml'))).toBe('changed');
    expect(files.realPath(join(root, 'link/a.yaml'))).toBe(join(root, 'deploy/a.yaml'));
  });

  test('a path outside of the base is refused for reading and writing', () => {
    const files = overlayFileSystem(rootedFileSystem(root));

    expect(() => files.writeFile('/etc/created', 'x')).toThrow(expect.objectContaining({ code: 'ESCAPE' }));
    expect(() => files.readText(join(directory.path, 'secret'))).toThrow(expect.objectContaining({ code: 'ESCAPE' }));
  });
});

describe('secureJoin', () => {
  test.each([
    ['a/b', 'a/b'],
    ['../../etc/passwd', 'etc/passwd'],
    ['/etc/passwd', 'etc/passwd'],
    ['deploy/../../x', 'x'],
    ['./deploy/', 'deploy'],
    ['', ''],
  ])('clamps %j to the root (SRC-ART-11)', (path, want) => {
    expect(secureJoin(root, path)).toBe(join(root, want));
  });

  test('follows symlinks as if the root were /', () => {
    symlinkSync('/deploy', join(root, 'absolute'));
    symlinkSync('../../../..', join(root, 'up'));
    symlinkSync('loop', join(root, 'loop'));

    expect(secureJoin(root, 'absolute/a.yaml')).toBe(join(root, 'deploy/a.yaml'));
    expect(secureJoin(root, 'up/etc')).toBe(join(root, 'etc'));
    expect(() => secureJoin(root, 'loop')).toThrow(expect.objectContaining({ code: 'ELOOP' }));
  });
});
