import type { HelmRelease } from '@flux/api';
import type { Cluster } from '@flux/client';
import { type Capabilities, defaultCapabilities, formatWarning, type RenderedRelease } from '@flux/helm';
import {
  lookupIn,
  readCapabilities,
  releaseNameOf,
  releaseNamespaceOf,
  renderHelmRelease,
} from '@flux/helm-controller';
import type { Context } from '../context.ts';
import type { ReleaseFlags } from './flags.ts';
import type { ReadRelease } from './read-release.ts';

/** What the controller would release: for the cluster if there is one, else for a version of Kubernetes. */
export async function renderRelease(
  context: Context,
  { object, chart, values }: ReadRelease,
  cluster: Cluster | undefined,
  flags: Pick<ReleaseFlags, 'api-versions' | 'kube-version'>,
): Promise<RenderedRelease> {
  const revision = revisionOf(object);
  const options = object.spec[revision > 1 ? 'upgrade' : 'install'] ?? {};
  return renderHelmRelease(object, {
    chart,
    values,
    release: {
      name: releaseNameOf(object),
      namespace: releaseNamespaceOf(object),
      revision,
      isUpgrade: revision > 1,
    },
    capabilities: await capabilitiesOf(cluster, flags),
    skipSchemaValidation: options.disableSchemaValidation ?? false,
    ...(cluster ? { lookup: lookupIn(cluster) } : {}),
    warn: (warning) => context.out.note(`${formatWarning(warning)}\n`),
  });
}

/** The one that comes next. */
function revisionOf({ status }: HelmRelease): number {
  return (status?.history?.[0]?.version ?? 0) + 1;
}

async function capabilitiesOf(
  cluster: Cluster | undefined,
  flags: Pick<ReleaseFlags, 'api-versions' | 'kube-version'>,
): Promise<Capabilities> {
  const version = flags['kube-version'];
  if (cluster && version === '' && flags['api-versions'].length === 0) return readCapabilities(cluster);
  return defaultCapabilities({
    ...(version === '' ? {} : { kubeVersion: version }),
    apiVersions: flags['api-versions'],
  });
}
