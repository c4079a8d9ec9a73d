import { readFile } from 'node:fs/promises';
import { kinds, partOfLabel } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { causeChain } from '@flux/errors';
import { defineCommand } from '../command/command.ts';
import { ExitError } from '../command/errors.ts';
import { boolFlag, durationFlag, listFlag } from '../command/flag.ts';
import { findLocalCluster, type LocalCluster } from '../connect.ts';
import type { Context } from '../context.ts';
import { defaultComponents } from '../install/components.ts';
import { awaitDeployment } from '../install/deployment-status.ts';
import { getDistribution } from '../install/distribution.ts';
import { listAll } from '../objects.ts';

const partOf = `${partOfLabel}=flux`;
const ownDefinitions = new Set(kinds.map(({ crdName }) => crdName));
const requiredKubernetes = [1, 33] as const;

export const check = defineCommand({
  doc: `The check command will perform a series of checks to validate that
the local environment is configured correctly and if the installed components are healthy.`,
  example: '  # Run pre-installation checks\n  flux check --pre\n\n  # Run installation checks\n  flux check',
  flags: {
    components: listFlag('list of components, accepts comma-separated values', { default: defaultComponents }),
    'components-extra': listFlag(
      'list of components in addition to those supplied or defaulted, accepts comma-separated values',
    ),
    'poll-interval': durationFlag(
      'how often the health checker should poll the cluster for the latest state of the resources.',
      {
        default: '5s',
      },
    ),
    pre: boolFlag('only run pre-installation checks'),
  },
  async run(context, { flags }) {
    const { out } = context;
    out.action('checking prerequisites');
    const cluster = await connectForCheck(context);
    const kubernetes = await checkKubernetes(context, cluster);
    if (flags.pre) {
      if (!kubernetes) throw new ExitError('', 1);
      out.success('prerequisites checks passed');
      return;
    }
    const results = [
      kubernetes,
      await checkDistribution(context, cluster),
      await checkControllers(context, cluster),
      await checkDefinitions(context, cluster),
    ];
    if (results.includes(false)) throw new ExitError('check failed', 1);
    out.success('all checks passed');
  },
});

async function connectForCheck(context: Context): Promise<Cluster> {
  try {
    return await context.cluster();
  } catch (error) {
    throw new ExitError(`Kubernetes client initialization failed: ${causeChain(error).join(': ')}`, 1);
  }
}

async function checkKubernetes({ out }: Context, cluster: Cluster): Promise<boolean> {
  const wanted = `>=${requiredKubernetes.join('.')}.0-0`;
  let served: string;
  try {
    const { body } = await cluster.raw({ method: 'GET', path: '/version' });
    served = String((body as { gitVersion?: unknown }).gitVersion);
  } catch (error) {
    out.failure(`Kubernetes API call failed: ${causeChain(error).join(': ')}`);
    return false;
  }
  const [major = 0, minor = 0] = served
    .replace(/^v/, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  const isNew = major > requiredKubernetes[0] || (major === requiredKubernetes[0] && minor >= requiredKubernetes[1]);
  if (isNew) out.success(`Kubernetes ${served.replace(/^v/, '')} ${wanted}`);
  else out.failure(`Kubernetes version ${served} does not match ${wanted}`);
  return isNew;
}

async function checkDistribution({ out }: Context, cluster: Cluster): Promise<boolean> {
  out.action('checking version in cluster');
  try {
    const { name, bootstrapped } = await getDistribution(cluster);
    if (name) out.success(`distribution: ${name}`);
    out.success(`bootstrapped: ${bootstrapped}`);
    return true;
  } catch (error) {
    out.failure(`checking failed: ${causeChain(error).join(': ')}`);
    return false;
  }
}

async function checkControllers(context: Context, cluster: Cluster): Promise<boolean> {
  const { out, namespace } = context;
  out.action('checking controllers');
  const local = findLocalCluster(context.globals, context.env, context.cwd);
  if (local) return checkLocalControllers(context, local);
  const deployments = await listAll(
    cluster,
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    { namespace, labelSelector: partOf },
  );
  if (deployments.length === 0) {
    out.failure(`no controllers found in the '${namespace}' namespace with the label selector '${partOf}'`);
    return false;
  }
  let isHealthy = true;
  for (const deployment of deployments) {
    const { name } = deployment.metadata;
    const status = await awaitDeployment(context, cluster, name);
    if (status === 'ready') out.success(`${name}: deployment ready`);
    else out.failure(`${name}: deployment ${status}`);
    isHealthy &&= status === 'ready';
    for (const image of imagesOf(deployment)) out.action(image);
  }
  return isHealthy;
}

/** The controllers of `flux up` are no Deployments: they live in the process that also serves the API. */
async function checkLocalControllers({ out }: Context, { runtime }: LocalCluster): Promise<boolean> {
  const { pid }: { pid?: number } = JSON.parse(await readFile(runtime, 'utf8').catch(() => '{}'));
  if (pid) out.success(`flux up: controllers running in process ${pid}`);
  else out.failure('flux up: not running');
  return pid !== undefined;
}

function imagesOf(deployment: KubeObject): string[] {
  const containers: { image?: string }[] = deployment['spec']?.template?.spec?.containers ?? [];
  return containers.map(({ image = '' }) => image);
}

async function checkDefinitions({ out, globals, env, cwd }: Context, cluster: Cluster): Promise<boolean> {
  out.action('checking crds');
  // what flux up installs has no labels: nothing manages it
  const local = findLocalCluster(globals, env, cwd);
  const listed = await listAll(
    cluster,
    { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
    local ? {} : { labelSelector: partOf },
  );
  const definitions = local ? listed.filter(({ metadata }) => ownDefinitions.has(metadata.name)) : listed;
  if (definitions.length === 0) {
    out.failure(`no crds found with the label selector '${partOf}'`);
    return false;
  }
  let isComplete = true;
  for (const { metadata, status } of definitions) {
    const stored: unknown = status?.storedVersions?.at(-1);
    if (stored) out.success(`${metadata.name}/${stored}`);
    else out.failure(`no stored versions for ${metadata.name}`);
    isComplete &&= stored !== undefined;
  }
  return isComplete;
}
