import { describe, expect, it } from 'vitest';
import { compileJsonPath } from './json-path.ts';

const object = {
  metadata: { labels: { 'app.kubernetes.io/name': 'x' } },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Stalled', status: 'False' },
    ],
    counts: [1, 2, 3],
  },
};

describe('JSONPath of printer columns', () => {
  it.each([
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    [".status.conditions[?(@.type=='Stalled')].status", ['False']],
    ['.status.conditions[*].type', ['Ready', 'Stalled']],
    ['.status.counts[0]', [1]],
    ['.status.counts[-1]', [3]],
    ['.metadata.labels.app\\.kubernetes\\.io/name', undefined],
    [".metadata.labels['app.kubernetes.io/name']", ['x']],
    ['{.status.counts[1]}', [2]],
    ['.nothing.there', []],
  ])('%s', (path, expected) => {
    expect(compileJsonPath(path)?.(object)).toEqual(expected);
  });

  it('does not look into prototypes', () => {
    expect(compileJsonPath('.constructor.name')?.({})).toEqual([]);
  });
});
