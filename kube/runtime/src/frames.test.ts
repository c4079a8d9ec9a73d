import type { KubeObject } from '@flux/apimachinery';
import { clusterOver } from '@flux/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { requeueAfter, requeueNow } from './action.ts';
import type { Frame, Outcome } from './frame.ts';
import { createRun } from './live-run.ts';
import { silentLog } from './log.ts';
import { readyFrame } from './ready-frame.ts';
import { ReconcileError, type ReconcileErrorOptions, type Retry } from './reconcile-error.ts';
import { createWatchCache } from './shared-watches.ts';
import { summaryFrame } from './summary-frame.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const nowhere = clusterOver(
  {
    send: () => Promise.reject(new Error('a frame must not talk to the cluster')),
    stream: () => {
      throw new Error('a frame must not watch');
    },
    close: () => Promise.resolve(),
  },
  'nowhere',
);

/** Until a step that is under way is shown. */
const aWhile = () => vi.advanceTimersByTimeAsync(2_000);

function runWith(frame: Frame, status: unknown, metadata: Partial<KubeObject['metadata']> = {}) {
  const patches: string[] = [];
  const object: KubeObject = {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'app', namespace: 'ns', generation: 2, ...metadata },
    status: structuredClone(status),
  };
  const run = createRun({
    object,
    deps: {},
    frame,
    reporter: 'test-controller',
    cluster: nowhere,
    watches: createWatchCache(nowhere),
    signal: new AbortController().signal,
    superseded: new AbortController().signal,
    triggers: [],
    reconcileId: 'id',
    log: silentLog,
    persist: (current) => {
      patches.push(summarize(current).join(' | '));
      return Promise.resolve();
    },
    emit: () => {},
  });
  return { run, object, patches };
}

function summarize(object: KubeObject): string[] {
  const conditions: { type: string; status: string; reason: string; message: string }[] =
    object['status'].conditions ?? [];
  return conditions.map(({ type, status, reason, message }) => `${type}=${status}/${reason} ${message}`);
}

function failed(
  reason: string,
  message: string,
  options: ReconcileErrorOptions & { retry: Retry },
): Outcome & { type: 'failed' } {
  return { type: 'failed', error: new ReconcileError(reason, message, options), retry: options.retry };
}

const done: Outcome = { type: 'done', action: requeueAfter(1000) };

test('ready frame: a failure keeps the message of the step and does not observe the generation (KUS-FLOW-05, KUS-FLOW-10)', async () => {
  const frame = readyFrame();
  const { run, object, patches } = runWith(frame, { observedGeneration: 1 });
  await run.progress('Building manifests');
  await aWhile();
  const outcome = failed('BuildFailed', 'no', { retry: { afterMs: 1 } });
  const event = frame.fail(run, outcome.error, outcome.retry);
  frame.close(run, outcome);

  expect(patches).toEqual([
    'Reconciling=True/Progressing Building manifests | Ready=Unknown/Progressing Reconciliation in progress',
  ]);
  expect(summarize(object)).toEqual([
    'Reconciling=True/ProgressingWithRetry Building manifests',
    'Ready=False/BuildFailed no',
  ]);
  expect(object['status'].observedGeneration).toBe(1);
  expect(event).toMatchObject({ type: 'Warning', reason: 'BuildFailed', message: 'no', forward: true });
});

test('ready frame: success drops Reconciling and observes the generation, also when suspended (KUS-FLOW-02)', () => {
  const frame = readyFrame();
  const { run, object } = runWith(frame, { observedGeneration: 1 });
  run.succeed('ReconciliationSucceeded', 'Applied revision: x');
  frame.close(run, { type: 'suspended' });

  expect(summarize(object)).toEqual(['Ready=True/ReconciliationSucceeded Applied revision: x']);
  expect(object['status'].observedGeneration).toBe(2);
});

test('ready frame: a stalled failure observes the generation only when it says so (KUS-FLOW-08, KUS-SRC-01)', () => {
  const frame = readyFrame();
  const observe = (observed: boolean) => {
    const { run, object } = runWith(frame, { observedGeneration: 1 });
    const outcome = failed('AccessDenied', 'no', { retry: 'stalled', observed });
    frame.fail(run, outcome.error, outcome.retry);
    frame.close(run, outcome);
    return { conditions: summarize(object), observed: object['status'].observedGeneration };
  };

  expect(observe(false)).toEqual({
    conditions: ['Stalled=True/AccessDenied no', 'Ready=False/AccessDenied no'],
    observed: 1,
  });
  expect(observe(true).observed).toBe(2);
});

const source = summaryFrame({
  summarize: [
    'StorageOperationFailed',
    'FetchFailed',
    'ArtifactOutdated',
    'ArtifactInStorage',
    'SourceVerified',
    'Stalled',
    'Reconciling',
  ],
  positive: ['ArtifactInStorage', 'SourceVerified'],
  bipolar: ['SourceVerified'],
});

test('summary frame: a new generation is announced when it takes a while (SRC-CTL-07, SRC-CTL-18)', async () => {
  const { run, patches } = runWith(source, { observedGeneration: -1 });
  await source.begin(run);

  expect(patches).toEqual([]);
  await aWhile();
  expect(patches).toEqual([
    'Reconciling=True/Progressing processing object: new generation -1 -> 2 | Ready=Unknown/Progressing processing object: new generation -1 -> 2',
  ]);
});

test('summary frame: a request is announced, an ordinary pass is not', async () => {
  const requested = runWith(
    source,
    { observedGeneration: 2 },
    { annotations: { 'reconcile.fluxcd.io/requestedAt': 'x' } },
  );
  const ordinary = runWith(source, { observedGeneration: 2 });
  await source.begin(requested.run);
  await source.begin(ordinary.run);
  await aWhile();

  expect(requested.patches).toHaveLength(1);
  expect(ordinary.patches).toHaveLength(0);
});

test('a step that is over soon is not written, and nothing is written after the end', async () => {
  const { run, patches } = runWith(source, { observedGeneration: 2 });
  await run.progress('first');
  await run.patch();
  await run.progress('second');
  await run.settled();
  await aWhile();

  expect(patches).toEqual(['Reconciling=True/Progressing first | Ready=Unknown/Progressing first']);
});

test('summary frame: a generic error leaves ProgressingWithRetry and Ready=False from the first failed type', async () => {
  const { run, object } = runWith(source, { observedGeneration: -1 });
  await source.begin(run);
  await run.progress('building artifact', { drift: true });
  const outcome = failed('GitOperationFailed', 'cannot clone', { retry: 'backoff', conditionType: 'FetchFailed' });
  const event = source.fail(run, outcome.error, outcome.retry);
  source.close(run, outcome);

  expect(summarize(object)).toEqual([
    'Reconciling=True/ProgressingWithRetry building artifact',
    'Ready=False/GitOperationFailed cannot clone',
    'FetchFailed=True/GitOperationFailed cannot clone',
  ]);
  expect(object['status'].observedGeneration).toBe(-1);
  expect(event).toMatchObject({ type: 'Warning', forward: true });
});

test('summary frame: success takes Ready from the artifact (SRC-CTL-13)', async () => {
  const { run, object } = runWith(source, { observedGeneration: -1 });
  await source.begin(run);
  run.conditions.set({ type: 'ArtifactInStorage', status: 'True', reason: 'Succeeded', message: 'stored' });

  expect(source.close(run, done)).toBeUndefined();
  expect(summarize(object)).toEqual(['Ready=True/Succeeded stored', 'ArtifactInStorage=True/Succeeded stored']);
  expect(object['status'].observedGeneration).toBe(2);
});

test('summary frame: a failed verification overrides all else and is retried (SRC-CTL-14, SRC-CTL-15)', () => {
  const { run } = runWith(source, { observedGeneration: 2 });
  run.conditions.set({ type: 'ArtifactInStorage', status: 'True', reason: 'Succeeded', message: 'stored' });
  run.conditions.set({ type: 'SourceVerified', status: 'False', reason: 'InvalidCommitSignature', message: 'bad' });

  expect(source.close(run, done)).toMatchObject({ code: 'NOT_READY', message: 'bad' });
  expect(run.conditions.get('Ready')).toMatchObject({ status: 'False', reason: 'InvalidCommitSignature' });
});

test('summary frame: a stalling error observes the generation, a waiting one does not; both end as SRC-CTL-11 says', async () => {
  const close = async (retry: Retry) => {
    const { run, object } = runWith(source, { observedGeneration: 1 });
    await source.begin(run);
    const outcome = failed('URLInvalid', 'bad url', { retry, conditionType: 'FetchFailed' });
    const event = source.fail(run, outcome.error, retry);
    source.close(run, outcome);
    return {
      types: run.conditions.all().map((item) => item.type),
      observed: object['status'].observedGeneration,
      event,
    };
  };

  expect(await close('stalled')).toMatchObject({
    types: ['Stalled', 'Ready', 'FetchFailed'],
    observed: 2,
    event: { type: 'Warning' },
  });
  expect(await close({ afterMs: 1 })).toMatchObject({
    types: ['Reconciling', 'Ready', 'FetchFailed'],
    observed: 1,
    event: { type: 'Normal', forward: false },
  });
});

test('summary frame: an ignored error is a success without work', async () => {
  const { run, object } = runWith(source, { observedGeneration: 1 });
  run.conditions.set({ type: 'ArtifactInStorage', status: 'True', reason: 'Succeeded', message: 'stored' });
  await source.begin(run);
  const outcome = failed('Succeeded', 'no changes', { retry: 'ignore' });
  const event = source.fail(run, outcome.error, outcome.retry);

  expect(source.close(run, outcome)).toBeUndefined();
  expect(event).toMatchObject({ type: 'Normal', forward: false });
  expect(object['status'].observedGeneration).toBe(2);
  expect(summarize(object)).toEqual(['Ready=True/Succeeded stored', 'ArtifactInStorage=True/Succeeded stored']);
});

test('summary frame: a suspended object loses Stalled and is observed; requeue now is not observed (SRC-CTL-05)', () => {
  const suspended = runWith(source, { observedGeneration: 1 });
  suspended.run.conditions.set({ type: 'Stalled', status: 'True', reason: 'URLInvalid', message: 'bad url' });
  suspended.run.conditions.set({ type: 'ArtifactInStorage', status: 'True', reason: 'Succeeded', message: 'stored' });
  source.close(suspended.run, { type: 'suspended' });
  const again = runWith(source, { observedGeneration: 1 });
  again.run.conditions.set({ type: 'ArtifactInStorage', status: 'True', reason: 'Succeeded', message: 'stored' });
  source.close(again.run, { type: 'done', action: requeueNow() });

  expect(summarize(suspended.object)).toEqual([
    'Ready=True/Succeeded stored',
    'ArtifactInStorage=True/Succeeded stored',
  ]);
  expect(suspended.object['status'].observedGeneration).toBe(2);
  expect(again.object['status'].observedGeneration).toBe(1);
});
