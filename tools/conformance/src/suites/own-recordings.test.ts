import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { run as runEnvsubst } from './envsubst.ts';
import { run as runSemver } from './semver.ts';

const cases = resolve(import.meta.dirname, '..', '..', 'cases');

test.each([
  { suite: 'envsubst', run: runEnvsubst },
  { suite: 'semver', run: runSemver },
])('every recording of $suite is reproduced', async ({ suite, run }) => {
  const outcomes = await run(join(cases, suite));

  expect(outcomes.length).toBeGreaterThan(300);
  expect(outcomes.filter(({ failure }) => failure !== undefined)).toEqual([]);
});
