import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  compileGlob,
  parseIgnorePatterns,
  sourceIgnoreRules,
  type TemporaryDirectory,
  temporaryDirectory,
} from './index.ts';

let directory: TemporaryDirectory;

beforeEach(async () => {
  directory = await temporaryDirectory('ignore-test');
});
afterEach(() => directory[Symbol.asyncDispose]());

function plant(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory.path, path)), { recursive: true });
    writeFileSync(join(directory.path, path), text);
  }
}

/** Verdicts of go-git 5.16's gitignore package. */
describe('one pattern judges as go-git does (SRC-IGN-04, -05)', () => {
  test.each([
    ['foo', 'a/foo/b', false, 'exclude'],
    ['foo/', 'a/foo', false, undefined],
    ['foo/', 'a/foo', true, 'exclude'],
    ['foo/', 'a/foo/b', false, 'exclude'],
    ['/foo', 'foo/x', false, 'exclude'],
    ['/foo', 'a/foo', false, undefined],
    ['a/**', 'a', true, 'exclude'],
    ['a/**', 'b/a/x', false, undefined],
    ['**/b', 'a/c/b', false, 'exclude'],
    ['**/b/c', 'b/x/b/c', false, undefined],
    ['a/**/c', 'a/b/b/c', false, 'exclude'],
    ['a/x**', 'a/xyz', false, undefined],
    ['!keep', 'keep', false, 'include'],
    ['*.md ', 'x/a.md', false, 'exclude'],
    ['foo\\ ', 'foo ', false, 'exclude'],
    ['\\#x', '#x', false, 'exclude'],
    ['[^a]x', 'bx', false, 'exclude'],
    ['[a', 'a', false, undefined],
    ['a/*/c', 'a/b/c/d', false, 'exclude'],
    ['*.md\r', 'a.md', false, 'exclude'],
  ] as const)('%j on %s (directory: %s) gives %s', (pattern, path, isDirectory, want) => {
    expect(parseIgnorePatterns(pattern)[0]!.match(path.split('/'), isDirectory)).toBe(want);
  });

  test('a pattern speaks only of its own directory', () => {
    const [pattern] = parseIgnorePatterns('x.yaml', ['deploy']);

    expect(pattern!.match(['deploy', 'a', 'x.yaml'], false)).toBe('exclude');
    expect(pattern!.match(['other', 'x.yaml'], false)).toBeUndefined();
    expect(pattern!.match(['deploy'], true)).toBeUndefined();
  });

  test('blank lines and comments are no patterns', () => {
    expect(parseIgnorePatterns('\n  \n# x\n#\r\n')).toHaveLength(0);
  });

  test('a hostile pattern is matched in bounded time', () => {
    const glob = compileGlob(`${'*a'.repeat(200)}b`)!;

    expect(glob('a'.repeat(2000))).toBe(false);
  });
});

const tree: Record<string, string> = Object.fromEntries(
  ['deploy/a.yaml', 'deploy/b.md', 'deploy/x/c.md', 'foo/2', 'a/foo/1', 'img.png', '.github/w.yml', '.gitignore'].map(
    (path) => [path, ''],
  ),
);
const everything = Object.keys(tree).flatMap((path) => {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/') + (index < parts.length - 1 ? '/' : ''));
});

function kept(specIgnore?: string): string[] {
  const ignores = sourceIgnoreRules(directory.path, specIgnore);
  return [...new Set(everything)].filter((path) => !ignores(path.replace(/\/$/, ''), path.endsWith('/'))).sort();
}

describe('samples of the real controller (SRC-IGN-08)', () => {
  beforeEach(() => plant(tree));

  test.each([
    ['/*\n!/deploy\n/deploy/**/*.md', ['deploy/', 'deploy/a.yaml', 'deploy/x/']],
    [
      'deploy/\n!deploy/a.yaml',
      ['.github/', '.github/w.yml', 'a/', 'a/foo/', 'a/foo/1', 'deploy/a.yaml', 'foo/', 'foo/2', 'img.png'],
    ],
    [
      'foo/',
      [
        '.github/',
        '.github/w.yml',
        'a/',
        'deploy/',
        'deploy/a.yaml',
        'deploy/b.md',
        'deploy/x/',
        'deploy/x/c.md',
        'img.png',
      ],
    ],
    [
      '/foo\na/**',
      ['.github/', '.github/w.yml', 'deploy/', 'deploy/a.yaml', 'deploy/b.md', 'deploy/x/', 'deploy/x/c.md', 'img.png'],
    ],
  ])('%j', (patterns, want) => {
    expect(kept(patterns)).toEqual(want);
  });

  test('`deploy/*.md` is anchored to its depth, `!.gitignore` brings a default back', () => {
    expect(kept('deploy/*.md')).toContain('deploy/x/c.md');
    expect(kept('deploy/*.md')).not.toContain('deploy/b.md');
    expect(kept('!.gitignore')).toContain('.gitignore');
  });

  test('without any pattern the built-in groups apply, also when there are only comments (SRC-IGN-03)', () => {
    const want = [
      'a/',
      'a/foo/',
      'a/foo/1',
      'deploy/',
      'deploy/a.yaml',
      'deploy/b.md',
      'deploy/x/',
      'deploy/x/c.md',
      'foo/',
      'foo/2',
    ];

    expect(kept()).toEqual(want);
    expect(kept('# nothing\n')).toEqual(want);
  });
});

test('nested .sourceignore files speak of their directory, and spec.ignore wins over them (SRC-IGN-02)', () => {
  plant({
    '.sourceignore': '*.txt\n',
    'sub/.sourceignore': '!keep.txt\n/top\n',
    'sub/top': '',
    '.git/.sourceignore': '*',
  });
  const ignores = sourceIgnoreRules(directory.path, 'sub/late.yaml');

  expect(ignores('a.txt', false)).toBe(true);
  expect(ignores('sub/keep.txt', false)).toBe(false);
  expect(ignores('keep.txt', false)).toBe(true);
  expect(ignores('sub/top', false)).toBe(true);
  expect(ignores('sub/late.yaml', false)).toBe(true);
  expect(ignores('img.png', false)).toBe(false);
  expect(ignores('sub/.sourceignore', false)).toBe(false);
});

test('a .sourceignore that leads out of the tree, or is a directory, is an error', () => {
  symlinkSync('/etc/passwd', join(directory.path, '.sourceignore'));
  expect(() => sourceIgnoreRules(directory.path)).toThrow('is not in or below');

  plant({ 'x/.sourceignore/file': '' });
  expect(() => sourceIgnoreRules(join(directory.path, 'x'))).toThrow('is a directory');
});
