import { upgradeRelease } from '@flux/helm';
import { maxHistoryOf } from '../policy.ts';
import type { Session } from '../session.ts';
import { remediated, testSuccess } from '../status/summary.ts';
import { applyCrds } from './apply-crds.ts';
import type { ActionOutcome } from './outcome.ts';
import { commonOptions, serverSideApplyOf } from './release-options.ts';
import { rendererOf } from './render.ts';
import { runRelease } from './run-release.ts';

/** Upgrades the release to a new revision (HELM-REL-03). */
export function upgrade(session: Session): Promise<ActionOutcome> {
  const { run, chart, values } = session;
  const { object, conditions } = run;
  const options = object.spec.upgrade ?? {};
  object.status = { ...object.status, lastAttemptedReleaseAction: 'upgrade' };
  conditions.delete(testSuccess);
  conditions.delete(remediated);
  const serverSideApply = serverSideApplyOf(options.serverSideApply);
  return runRelease(session, 'upgrade', async () => {
    const context = session.context();
    await applyCrds(session, {
      policy: options.crds,
      serverSideApply: async () =>
        serverSideApply === 'auto'
          ? (await session.storage.last(session.name))?.apply_method === 'ssa'
          : serverSideApply,
      action: 'upgrade',
    });
    await upgradeRelease(context, {
      ...commonOptions(session, 'upgrade'),
      chart,
      values,
      render: rendererOf(session),
      serverSideApply,
      takeOwnership: !options.disableTakeOwnership,
      preserveValues: options.preserveValues ?? false,
      force: options.force ?? false,
      cleanupOnFail: options.cleanupOnFail ?? false,
      maxHistory: maxHistoryOf(object),
      disableOpenApiValidation: options.disableOpenAPIValidation ?? false,
      disableSchemaValidation: options.disableSchemaValidation ?? false,
    });
  });
}
