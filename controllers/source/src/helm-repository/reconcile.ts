import type { HelmRepository } from '@flux/api';
import { redact } from '@flux/errors';
import { temporaryDirectory } from '@flux/fs';
import { formatDecimalBytes, parseDuration } from '@flux/gotypes';
import { type Action, requeueAfter } from '@flux/runtime';
import { checkStorage } from '../frame/check-storage.ts';
import { withFrugalMemory } from '../frame/frugal-memory.ts';
import { notify, observe } from '../frame/notify.ts';
import type { HelmRepositoryRun } from './deps.ts';
import { fetchIndex } from './steps/fetch-index.ts';
import { storeIndex } from './steps/store-index.ts';

const failConditions = ['FetchFailed', 'StorageOperationFailed'];

/** Index over HTTP → checked → artifact in storage. One step per file in `steps/`. */
export async function reconcile(run: HelmRepositoryRun): Promise<Action> {
  const before = observe(run, failConditions);
  await using work = await temporaryDirectory('helm-index');
  await checkStorage(run);
  await withFrugalMemory(async () => storeIndex(run, await fetchIndex(run, work.path)));
  notify(run, { before, failConditions, message: messageFor(run) });
  return requeueAfter(intervalMs(run.object));
}

/** Milliseconds of `spec.interval`, a minute by default (SRC-HREPO-01). */
export function intervalMs(object: HelmRepository): number {
  return parseDuration(object.spec.interval ?? '1m');
}

function messageFor({ object }: HelmRepositoryRun): string {
  const size = formatDecimalBytes(object.status?.artifact?.size ?? 0);
  return `stored fetched index of size ${size} from '${redact(object.spec.url)}'`;
}
