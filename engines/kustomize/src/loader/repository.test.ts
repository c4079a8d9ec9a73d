import { expect, test } from 'vitest';
import { normalisePath, parseRepository } from './repository.ts';

test.each([
  ['https://github.com/org/repo//deploy/prod?ref=v1', 'https://github.com/org/repo', 'deploy/prod', 'v1'],
  ['github.com/org/repo/deploy', 'https://github.com/org/repo', 'deploy', ''],
  ['git@github.com:org/repo.git//deploy?ref=main', 'git@github.com:org/repo.git', 'deploy', 'main'],
  ['ssh://git@example.com/org/repo.git/a/b', 'ssh://git@example.com/org/repo.git', 'a/b', ''],
  [
    'https://dev.azure.com/org/project/_git/repo/path?version=t',
    'https://dev.azure.com/org/project/_git/repo',
    'path',
    't',
  ],
  ['file:///srv/repo.git', 'file:///srv/repo.git', '', ''],
])('%s is a repository', (text, cloneUrl, path, ref) => {
  expect(parseRepository(text)).toMatchObject({ cloneUrl, path, ref });
});

test.each([
  '../base',
  'base',
  '/abs',
  'a.yaml',
  './github.com/x',
  'https://example.com/c.yaml',
  'github.com/org/repo//../..',
])('%s is no repository', (text) => {
  expect(parseRepository(text)).toBeUndefined();
});

test('paths are cleaned as Go cleans them', () => {
  expect(['a/../b', '/a/./b/', '/../x', '', '../..', 'a//b'].map(normalisePath)).toEqual([
    'b',
    '/a/b',
    '/x',
    '.',
    '../..',
    'a/b',
  ]);
});
