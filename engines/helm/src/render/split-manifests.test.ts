import { expect, test } from 'vitest';
import { splitManifests } from './split-manifests.ts';

test('documents end at lines that begin with three dashes, empty ones are left out (HELM-MAN-01)', () => {
  expect(splitManifests('\n---\na: 1\n---  \n\n---\t\nb: 2\n\n---')).toEqual(['a: 1\n', 'b: 2\n\n']);
});

test('what follows the dashes belongs to the next document (HELM-MAN-01)', () => {
  expect(splitManifests('a: 1\n---b: 2\n--- # c\nd: 3')).toEqual(['a: 1\n', 'b: 2\n', '# c\nd: 3']);
});

test('dashes inside of a line and indented ones separate nothing', () => {
  const text = 'a: ---\nb: |\n  ---\n  x\n';

  expect(splitManifests(text)).toEqual([text]);
});

test('a text of nothing but comments is a document, one of nothing but space is none (HELM-MAN-01)', () => {
  expect(splitManifests('# a\n')).toEqual(['# a\n']);
  expect(splitManifests(' \n\u0085\n---\n ')).toEqual([]);
});
