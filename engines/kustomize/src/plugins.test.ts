import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pluginGenerators, pluginTransformers } from './plugins.ts';

/** The names that the files of a folder define. */
function definedIn(folder: string, define: string): string[] {
  const path = join(import.meta.dirname, folder);
  const sources = readdirSync(path).map((name) => readFileSync(join(path, name), 'utf8'));
  const pattern = new RegExp(`= ${define}\\(\\{\\s+name: '(\\w+)'`, 'g');
  return sources.flatMap((source) => [...source.matchAll(pattern)].map(([, name = '']) => name)).sort();
}

test('every transformer and generator of the folders is in a list', () => {
  expect(pluginTransformers.map(({ name }) => name).sort()).toEqual(definedIn('transformers', 'defineTransformer'));
  expect(pluginGenerators.map(({ name }) => name).sort()).toEqual(definedIn('generators', 'defineGenerator'));
});
