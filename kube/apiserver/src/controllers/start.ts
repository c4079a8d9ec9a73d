import type { Api } from '../registry/api.ts';
import { startClusterRoles } from './cluster-roles.ts';
import type { ControllerContext } from './context.ts';
import { startDaemonSets } from './daemon-sets.ts';
import { startDeployments } from './deployments.ts';
import { startGarbageCollector } from './garbage.ts';
import { startJobs } from './jobs.ts';
import type { Log, Loop } from './loop.ts';
import { startNamespaceDefaults, startNamespaceTermination } from './namespaces.ts';
import { ensureNode, startPods } from './pods.ts';
import { startReplicas } from './replicas.ts';
import { startSmallStatuses } from './small-statuses.ts';
import { startStatefulSets } from './stateful-sets.ts';
import { startVolumes } from './volumes.ts';
import { Writer } from './writer.ts';

export interface ControllerOptions {
  api: Api;
  log: Log;
  caPem: string;
  /** Also the simulated node and the controllers of workloads. */
  workloads: boolean;
}

/** Starts all control loops; the answer stops them. */
export function startControllers({ api, log, caPem, workloads }: ControllerOptions): () => void {
  const context: ControllerContext = {
    api,
    log,
    caPem,
    writer: new Writer(api, 'kube-controller-manager'),
    kubelet: new Writer(api, 'kwok'),
  };
  const loops: Loop[] = [
    startNamespaceDefaults(context),
    startNamespaceTermination(context),
    startGarbageCollector(context),
    startClusterRoles(context),
    startVolumes(context),
  ];
  if (workloads) {
    ensureNode(context);
    loops.push(
      startPods(context),
      startReplicas(context, 'apps', 'replicasets'),
      startReplicas(context, '', 'replicationcontrollers'),
      startDeployments(context),
      startStatefulSets(context),
      startDaemonSets(context),
      startJobs(context),
      ...startSmallStatuses(context),
    );
  }
  return () => {
    for (const loop of loops) loop.stop();
  };
}
