import { installRelease } from '@flux/helm';
import type { Session } from '../session.ts';
import { remediated, testSuccess } from '../status/summary.ts';
import { applyCrds } from './apply-crds.ts';
import type { ActionOutcome } from './outcome.ts';
import { commonOptions } from './release-options.ts';
import { rendererOf } from './render.ts';
import { runRelease } from './run-release.ts';

/** Installs the release; what was before it is forgotten (HELM-REL-02). */
export function install(session: Session): Promise<ActionOutcome> {
  const { run, chart, values, namespace, target } = session;
  const { object, conditions, deps } = run;
  const options = object.spec.install ?? {};
  object.status = { ...object.status, lastAttemptedReleaseAction: 'install' };
  delete object.status.history;
  conditions.delete(testSuccess);
  conditions.delete(remediated);
  const serverSideApply = options.serverSideApply ?? !deps.settings.usesHelm3Defaults;
  return runRelease(session, 'install', async () => {
    const context = session.context();
    await applyCrds(session, { policy: options.crds, serverSideApply: async () => serverSideApply, action: 'install' });
    await installRelease(context, {
      ...commonOptions(session, 'install'),
      namespace,
      chart,
      values,
      render: rendererOf(session),
      serverSideApply,
      takeOwnership: !options.disableTakeOwnership,
      looksFirst: target.cluster !== run.cluster || !(await deps.facts.isUnrestricted(run.cluster)),
      // what is left of the name is uninstalled: anything else would not have come here
      replace: true,
      createNamespace: (options.createNamespace ?? false) && object.spec.targetNamespace !== undefined,
      disableOpenApiValidation: options.disableOpenAPIValidation ?? false,
      disableSchemaValidation: options.disableSchemaValidation ?? false,
    });
  });
}
