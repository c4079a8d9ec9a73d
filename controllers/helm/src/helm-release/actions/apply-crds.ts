import { FluxError, messageOf } from '@flux/errors';
import { applyCustomResourceDefinitions, type CrdPolicy, crdsOf, processDependencies } from '@flux/helm';
import { waitUntilServed } from '@flux/ssa';
import { originLabelsOf } from '../names.ts';
import type { Session } from '../session.ts';
import { waitStrategyOf } from './release-options.ts';

interface CrdChoice {
  policy: CrdPolicy | undefined;
  /** Asked only when there is something to apply. */
  serverSideApply: () => Promise<boolean>;
  action: 'install' | 'upgrade';
}

/** Discovery follows what is established within moments. */
const servedMs = 10_000;

/** The CRDs of a chart could not be applied; nothing has been stored yet. */
class CrdError extends FluxError {
  override readonly code = 'HELM_CRDS';
}

/** Applies what is in `crds/` before anything is rendered; no policy means Create, also for upgrades (HELM-REL-09). */
export async function applyCrds(
  session: Session,
  { policy = 'Create', serverSideApply, action }: CrdChoice,
): Promise<void> {
  const { run, chart, values } = session;
  const { object, deps } = run;
  const files = crdsOf(chart).length === 0 ? [] : crdsOf(processDependencies(chart, values).chart);
  if (files.length === 0) return;
  const isServerSide = await serverSideApply();
  const waitStrategy = waitStrategyOf(object, object.spec[action]?.disableWait, deps.settings.usesHelm3Defaults);
  try {
    const applied = await applyCustomResourceDefinitions(session.context(), {
      files: files.map(({ path, file }) => ({ ...file, name: path })),
      policy,
      serverSideApply: isServerSide,
      namespace: session.namespace,
      labels: originLabelsOf(object),
      waitStrategy,
    });
    if (waitStrategy === 'hook-only') return;
    await waitUntilServed(session.target.cluster, applied, { timeoutMs: servedMs, signal: run.signal });
  } catch (error) {
    run.signal.throwIfAborted();
    throw new CrdError(`failed to apply CustomResourceDefinitions: ${messageOf(error)}`, { cause: error });
  }
}
