import { formatSubject, type KubeObject } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { mapConcurrently, sortForApply, waitForDefinitions } from '@flux/ssa';
import type { Backup } from '../backup/format.ts';
import { helmStorageOf } from '../backup/helm-storage.ts';
import { openState } from '../backup/open-state.ts';
import type { Context } from '../context.ts';
import { objectId } from '../object-id.ts';
import { openBackup } from './open-backup.ts';
import { Owners, ownersFirst } from './owners.ts';
import { type Action, type Plan, planRestore, type Step } from './plan.ts';
import { RestoreError } from './restore-error.ts';
import { type Restoration, restoreObject, resumeObject } from './restore-object.ts';

export interface RestoreOptions {
  file: string;
  identityFile?: string;
  dataDirectory?: string;
  dryRun: boolean;
  overwrite: boolean;
  suspend: boolean;
}

const concurrency = 10;
const done: Readonly<Record<Action, string>> = {
  create: 'created',
  replace: 'replaced',
  continue: 'continued',
  same: 'unchanged',
  keep: 'kept',
};
const planned: Readonly<Record<Action, string>> = {
  create: 'would be created',
  replace: 'would be replaced',
  continue: 'would be continued',
  same: 'is in the cluster',
  keep: "stays the cluster's own",
};

/** Reads the archive, looks at the cluster, and when nothing is in the way restores stage by stage. */
export async function runRestore(context: Context, options: RestoreOptions): Promise<void> {
  const { out } = context;
  const backup = await openBackup(context, options.file, options.identityFile);
  describeBackup(context, backup);
  await using state = await openState(context, options.dataDirectory, { create: !options.dryRun });
  const plan = await planRestore(state.cluster, backup, options);
  noteReleases(context, backup, plan);
  const steps = [...plan.definitions, ...plan.namespaces, ...plan.others, ...plan.flux];
  if (options.dryRun) {
    for (const { object, action } of steps) out.data(`${formatSubject(object)} ${planned[action]}\n`);
    return out.success(`dry run: ${count(steps, ['create', 'replace', 'continue'])} would change`);
  }
  const { suspend } = options;
  const { signal } = context;
  const { cluster } = state;
  const now = context.now();
  await carryOut(context, { cluster, owners: new Owners(cluster), plan, suspend, now, signal });
  out.success('restore finished');
}

function describeBackup({ out }: Context, { index, objects }: Backup): void {
  const where = index.namespace ?? 'all namespaces';
  out.action(`archive of ${index.createdAt}: ${objects.length} objects of ${where}, Kubernetes ${index.kubernetes}`);
  if (!index.secrets)
    out.warning('the archive was made without Secrets; what needs them stays not ready until they are there');
}

/** Nobody should be surprised that a release is installed a second time. */
function noteReleases({ out }: Context, { objects }: Backup, { releases }: Plan): void {
  for (const object of objects.filter((each) => helmStorageOf(each).length > 0)) {
    if (releases.continues(object)) continue;
    out.warning(`nothing of the release of ${formatSubject(object)} is in the cluster: it will be installed anew`);
  }
}

async function carryOut(context: Context, restoration: Restoration): Promise<void> {
  const { plan, cluster, signal } = restoration;
  await restoreStage(context, restoration, 'custom resource definitions', plan.definitions);
  const definitions = plan.definitions.filter(({ action }) => action === 'create').map(({ object }) => object);
  await waitForDefinitions(cluster, definitions, { timeoutMs: context.globals.timeout, signal });
  await restoreStage(context, restoration, 'namespaces', plan.namespaces);
  await restoreStage(context, restoration, 'Secrets, ConfigMaps and other objects', plan.others);
  await restoreStage(context, restoration, 'objects of Flux', plan.flux);
  for (const step of plan.flux) {
    if (!(await resume(restoration, step))) continue;
    context.out.success(`${formatSubject(step.object)} resumed`);
  }
}

/** Owners before what they own, kinds in the order of an apply, and several objects of a kind at once. */
async function restoreStage(context: Context, restoration: Restoration, what: string, steps: Step[]): Promise<void> {
  if (steps.length === 0) return;
  const { out, globals } = context;
  out.action(`restoring ${what}`);
  const byId = new Map(steps.map((step) => [objectId(step.object), step]));
  for (const wave of ownersFirst(steps.map(({ object }) => object))) {
    for (const group of Map.groupBy(sortForApply(wave), ({ kind }) => kind).values()) {
      await mapConcurrently(group, concurrency, async (object) => {
        const step = byId.get(objectId(object)) as Step;
        await named(object, () => restoreObject(restoration, step));
        if (globals.verbose) out.success(`${formatSubject(object)} ${done[step.action]}`);
      });
    }
  }
  out.success(summarize(steps));
}

function resume(restoration: Restoration, step: Step): Promise<boolean> {
  return named(step.object, () => resumeObject(restoration, step));
}

async function named<T>(object: KubeObject, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new RestoreError(`${formatSubject(object)}: ${messageOf(error)}; run the restore again to go on`);
  }
}

/** `12 created, 3 unchanged` */
function summarize(steps: readonly Step[]): string {
  const counts = (Object.keys(done) as Action[]).map((action) => ({ action, count: count(steps, [action]) }));
  return counts
    .filter((each) => each.count > 0)
    .map((each) => `${each.count} ${done[each.action]}`)
    .join(', ');
}

function count(steps: readonly Step[], actions: readonly Action[]): number {
  return steps.filter(({ action }) => actions.includes(action)).length;
}
