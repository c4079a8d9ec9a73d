import { partOfLabel } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { causeChain } from '@flux/errors';
import { ExitError, UsageError } from '../command/errors.ts';
import { findLocalCluster } from '../connect.ts';
import type { Context } from '../context.ts';
import { listAll } from '../objects.ts';
import { fileLines } from './file-lines.ts';
import type { LogFlags } from './flags.ts';
import { formatLogLine } from './log-line.ts';

/** `flux logs`: one pod of each Flux Deployment, or the log file of a local cluster, which has no such pods. */
export async function printLogs(context: Context, flags: LogFlags): Promise<void> {
  const local = findLocalCluster(context.globals, context.env, context.cwd);
  if (local) {
    return printSource(context, flags, fileLines(local.log, { follow: flags.follow, signal: context.signal }), flags);
  }
  const cluster = await context.cluster();
  const pods = await fluxPods(cluster, flags['flux-namespace']);
  if (pods.length === 0)
    throw new UsageError(`no Flux pods found in namespace ${JSON.stringify(flags['flux-namespace'])}`);
  const results = flags.follow
    ? await Promise.all(pods.map((pod) => printPod(context, flags, cluster, pod)))
    : await inTurn(pods, (pod) => printPod(context, flags, cluster, pod));
  if (results.includes(false)) throw new ExitError('failed to collect logs from all Flux pods', 1);
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

async function fluxPods(cluster: Cluster, namespace: string): Promise<KubeObject[]> {
  const deployments = await listAll(
    cluster,
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    { namespace, labelSelector: `${partOfLabel}=flux` },
  );
  const pods = await inTurn(deployments, async ({ spec }) => {
    const labels: Record<string, string> = spec.selector?.matchLabels ?? {};
    const labelSelector = Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(',');
    const [pod] = await listAll(cluster, { apiVersion: 'v1', kind: 'Pod' }, { namespace, labelSelector });
    return pod;
  });
  return pods.filter((pod) => pod !== undefined);
}

async function printPod(context: Context, flags: LogFlags, cluster: Cluster, pod: KubeObject): Promise<boolean> {
  const { name, namespace } = pod.metadata;
  const containers: { name: string }[] = pod['spec']?.containers ?? [];
  const query = {
    ...(containers.length > 1 ? { container: 'manager' } : {}),
    ...(flags.tail >= 0 ? { tailLines: String(flags.tail) } : {}),
    ...(flags.since > 0 ? { sinceSeconds: String(Math.ceil(flags.since / 1000)) } : {}),
    ...(flags['since-time'] ? { sinceTime: flags['since-time'] } : {}),
  };
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/log`;
  try {
    if (flags.follow) await printSource(context, flags, followPod(cluster, path, query, context.signal), {});
    else {
      const { body } = await cluster.raw({ method: 'GET', path, query });
      await printSource(context, flags, lines(String(body)), {});
    }
    return true;
  } catch (error) {
    if (context.signal.aborted) return true;
    context.out.note(`failed getting logs: ${causeChain(error).join(': ')}\n`);
    return false;
  }
}

async function* lines(text: string): AsyncGenerator<string> {
  yield* text.split('\n');
}

/** Streams by asking again from the last line on: the client has no stream of text. */
async function* followPod(
  cluster: Cluster,
  path: string,
  query: Record<string, string>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let next = query;
  let seen = '';
  while (!signal.aborted) {
    const { body } = await cluster.raw({ method: 'GET', path, query: { ...next, timestamps: 'true' }, signal });
    for (const line of String(body).split('\n')) {
      const space = line.indexOf(' ');
      const stamp = line.slice(0, space);
      if (space < 0 || stamp <= seen) continue;
      seen = stamp;
      yield line.slice(space + 1);
    }
    if (seen) next = { ...(query['container'] ? { container: query['container'] } : {}), sinceTime: seen };
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** Prints the lines that pass; a malformed one ends this source, as in flux. */
async function printSource(
  context: Context,
  flags: LogFlags,
  source: AsyncIterable<string>,
  limits: { tail?: number; since?: number; 'since-time'?: string },
): Promise<void> {
  const filter = { ...flags, namespace: context.namespace };
  const earliest =
    limits['since-time'] || (limits.since ? new Date(context.now().getTime() - limits.since).toISOString() : '');
  const kept: string[] = [];
  const tail = flags.follow ? -1 : (limits.tail ?? -1);
  try {
    for await (const line of source) {
      const text = formatLogLine(line, filter);
      if (text === undefined || text < earliest) continue;
      if (tail < 0) context.out.data(text);
      else kept.push(text);
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    context.out.failure(error.message);
  }
  if (tail > 0) context.out.data(kept.slice(-tail).join(''));
}
