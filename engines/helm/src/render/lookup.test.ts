import { expect, test } from 'vitest';
import { type Asked, withAnswers } from './lookup.ts';

test('work runs again until every question has an answer', async () => {
  const asked: string[][] = [];
  const lookup = async (...question: [string, string, string, string]) => {
    asked.push(question);
    return { next: `${question[3]}+` };
  };

  const result = await withAnswers({ lookup }, ({ lookup: ask }) => {
    const first = ask('v1', 'Secret', 'ns', 'a') as { next?: string };
    const second = ask('v1', 'Secret', 'ns', first.next ?? 'unknown') as { next?: string };
    return second.next;
  });

  expect(result).toBe('a++');
  expect(asked.map(([, , , name]) => name)).toEqual(['a', 'unknown', 'a+']);
});

test('an error of work counts only once all its questions are answered', async () => {
  const work = ({ lookup: ask }: Asked) => {
    const { data } = ask('v1', 'Secret', 'ns', 'a') as { data?: string };
    if (data === undefined) throw new Error('no data');
    return data;
  };

  expect(await withAnswers({ lookup: async () => ({ data: 'x' }) }, work)).toBe('x');
  await expect(withAnswers({ lookup: async () => ({}) }, work)).rejects.toThrow('no data');
});

test('a question that the cluster refuses fails where it was asked', async () => {
  const lookup = async () => {
    throw new Error('secrets is forbidden');
  };

  await expect(withAnswers({ lookup }, ({ lookup: ask }) => ask('v1', 'Secret', 'ns', 'a'))).rejects.toThrow(
    'secrets is forbidden',
  );
});

test('answers can be changed without changing those of the next round', async () => {
  const seen: unknown[] = [];
  await withAnswers({ lookup: async () => ({ list: [] }) }, ({ lookup: ask }) => {
    const { list = [] } = ask('v1', 'A', '', 'a') as { list?: number[] };
    list.push(1);
    seen.push([...list]);
    ask('v1', 'B', '', 'b');
  });

  expect(seen).toEqual([[1], [1]]);
});

test('questions that never end are refused', async () => {
  let count = 0;

  await expect(
    withAnswers({ lookup: async () => ({}) }, ({ lookup: ask }) => ask('v1', 'A', '', String(count++))),
  ).rejects.toThrow('lookups of templates depend on each other in more than 20 rounds');
});

test('without a cluster nothing is found and work runs once (HELM-TPL-08)', async () => {
  let runs = 0;

  expect(await withAnswers({}, ({ lookup: ask }) => [++runs, ask('v1', 'A', '', 'a')])).toEqual([1, {}]);
});

test('hosts are found in rounds, too, and one that is not there fails where it was asked', async () => {
  const resolveHost = async (name: string) => {
    if (name === 'gone') throw new Error('lookup gone: no such host');
    return `10.0.0.${name.length}`;
  };

  expect(await withAnswers({ resolveHost }, (asked) => asked.resolveHost('ab'))).toBe('10.0.0.2');
  expect(await withAnswers({}, (asked) => asked.resolveHost('ab'))).toBe('');
  await expect(withAnswers({ resolveHost }, (asked) => asked.resolveHost('gone'))).rejects.toThrow('no such host');
});
