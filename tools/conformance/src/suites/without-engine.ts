import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outcome, RunSuite } from '../outcome.ts';

/** Counts the cases of a suite whose engine does not exist yet as failed, so that the gap stays visible. */
export function countAsFailed(engine: string): RunSuite {
  return async (folder) => {
    const failure = `engines/${engine} does not exist yet`;
    return (await listCaseIds(folder)).map((id): Outcome => ({ id, failure }));
  };
}

async function listCaseIds(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).sort();
  if (names.includes('INDEX.json')) return indexIds(join(folder, 'INDEX.json'));
  const ids: string[] = [];
  for (const name of names) {
    if (name.endsWith('.jsonl')) ids.push(...(await lineIds(join(folder, name))));
    else if (name.endsWith('.json') && name !== 'ENV.json') ids.push(name.slice(0, -'.json'.length));
  }
  return ids;
}

async function indexIds(path: string): Promise<string[]> {
  const index: unknown = JSON.parse(await readFile(path, 'utf8'));
  const rows = Array.isArray(index) ? index : Object.values(index as object).find(Array.isArray);
  return ((rows ?? []) as { chart?: string; case?: string }[]).map((row) => `${row.chart}/${row.case}`);
}

async function lineIds(path: string): Promise<string[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => (JSON.parse(line) as { id: string }).id);
}
