import { componentLabel, partOfLabel } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { boolFlag, stringFlag } from '../command/flag.ts';
import { findDistribution } from '../install/distribution.ts';
import { listAll } from '../objects.ts';
import { version } from '../version.ts';

export const versionCommand = defineCommand({
  doc: 'Print the version information for the controllers and client.',
  example:
    '  # Print client and server-side version\n  flux version\n\n  # Print only client version\n  flux version --client',
  flags: {
    client: boolFlag('print only client version'),
    output: stringFlag("the format in which the information should be printed. can be 'json' or 'yaml'", {
      short: 'o',
      default: 'yaml',
    }),
  },
  async run(context, { flags }) {
    if (flags.output !== 'yaml' && flags.output !== 'json') {
      throw new UsageError(`--output must be json or yaml, not ${flags.output}`);
    }
    const versions: Record<string, string> = { flux: `v${version}` };
    if (!flags.client) Object.assign(versions, await serverVersions(await context.cluster(), context.namespace));
    context.out.data(flags.output === 'json' ? `${JSON.stringify(versions, null, 2)}\n` : await yamlOf(versions));
  },
});

async function serverVersions(cluster: Cluster, namespace: string): Promise<Record<string, string>> {
  const deployments = await listAll(
    cluster,
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    { namespace, labelSelector: `${partOfLabel}=flux` },
  );
  if (deployments.length === 0) throw new UsageError(`no deployments found in ${namespace} namespace`);
  const distribution = await findDistribution(cluster);
  return {
    ...(distribution?.version ? { distribution: distribution.version } : {}),
    ...Object.fromEntries(deployments.flatMap(imagesOf)),
  };
}

function imagesOf(deployment: KubeObject): [string, string][] {
  const containers: { image?: string }[] = deployment['spec']?.template?.spec?.containers ?? [];
  return containers.map(({ image = '' }) => {
    const [, name, tag] = /([^/:@]+):([^/@]+)(@.*)?$/.exec(image) ?? [];
    if (!name || !tag) throw new UsageError(`could not parse image reference: ${image}`);
    return [deployment.metadata.labels?.[componentLabel] ?? name, tag];
  });
}

async function yamlOf(versions: Record<string, string>): Promise<string> {
  const keys = Object.keys(versions).sort();
  return keys.map((key) => `${key}: ${versions[key]}\n`).join('');
}
