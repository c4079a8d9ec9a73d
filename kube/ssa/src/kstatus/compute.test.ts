import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '@flux/apimachinery';
import { describe, expect, test } from 'vitest';
import { computeStatus } from './compute.ts';
import { fluxJobStatus } from './core-kinds.ts';

const recordings = join(import.meta.dirname, '../../../../tools/conformance/cases/kube-api/readiness');

interface Expected {
  status?: string;
  message?: string;
  error?: string;
}

interface Case {
  title: string;
  object: KubeObject | undefined;
  expected: Expected;
}

function readCases(): Case[] {
  return readdirSync(recordings).flatMap((file) => {
    const content = JSON.parse(readFileSync(join(recordings, file), 'utf8'));
    if (content.cases) {
      return content.cases.map((c: { name: string; object: KubeObject; expect: Expected }) => ({
        title: `${file}: ${c.name}`,
        object: c.object,
        expected: c.expect,
      }));
    }
    return content.snapshots.map((s: { n: number; event: string; object: KubeObject; kstatus: Expected }) => ({
      title: `${file}: snapshot ${s.n} ${s.event}`,
      object: s.event === 'DELETED' ? undefined : s.object,
      expected: s.kstatus,
    }));
  });
}

describe('the recordings of the reference library', () => {
  test.each(existsSync(recordings) ? readCases() : [])('$title', ({ object, expected }) => {
    const result = computeStatus(object);

    const { status, message } = result;
    if (expected.error === undefined)
      expect({ status, message }).toEqual({ status: expected.status, message: expected.message });
    else expect(status).toBe('Unknown');
  });
});

function job(spec: object, status: object): KubeObject {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' }, spec, status };
}

test("Flux's Job rule waits for completion and accepts a suspended Job (KUS-HEALTH-27)", () => {
  const started = { startTime: '2026-01-01T00:00:00Z', active: 1 };

  expect(fluxJobStatus(job({ parallelism: 2 }, {}))).toEqual({
    status: 'InProgress',
    message: 'Job not started. active: 0/2',
  });
  expect(fluxJobStatus(job({}, started)).status).toBe('InProgress');
  expect(fluxJobStatus(job({ suspend: true }, {})).status).toBe('Current');
  expect(fluxJobStatus(job({}, { ...started, conditions: [{ type: 'Complete', status: 'True' }] })).status).toBe(
    'Current',
  );
  expect(fluxJobStatus(job({}, { ...started, conditions: [{ type: 'Failed', status: 'True' }] })).status).toBe(
    'Failed',
  );
});

test('an unschedulable pod is looked at again when its window ends (KUS-HEALTH-26)', () => {
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', creationTimestamp: '2026-01-01T00:00:00Z' },
    status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
  };

  expect(computeStatus(pod, { now: new Date('2026-01-01T00:00:05Z') })).toMatchObject({
    status: 'InProgress',
    recheckAfterMs: 10_000,
  });
  expect(computeStatus(pod, { now: new Date('2026-01-01T00:00:15Z') }).status).toBe('Failed');
});
