import type { KubeObject } from '@flux/apimachinery';
import type { Api } from '../registry/api.ts';
import { startClusterRoles } from './cluster-roles.ts';
import type { ControllerContext } from './context.ts';
import { startDaemonSets } from './daemon-sets.ts';
import { startDeployments } from './deployments.ts';
import { startEndpoints } from './endpoints.ts';
import { EventRecorder } from './events.ts';
import { startGarbageCollector } from './garbage.ts';
import { startJobs } from './jobs.ts';
import { startLoadBalancers } from './load-balancers.ts';
import type { Log, Loop } from './loop.ts';
import { startNamespaceDefaults, startNamespaceTermination } from './namespaces.ts';
import { ensureNode, startPods } from './pods.ts';
import { startReplicas } from './replicas.ts';
import { startSecretTokens } from './secret-tokens.ts';
import { startSmallStatuses } from './small-statuses.ts';
import { startStatefulSets } from './stateful-sets.ts';
import { startVolumes } from './volumes.ts';
import { Writer } from './writer.ts';

export interface ControllerOptions {
  api: Api;
  log: Log;
  caPem: string;
  /** Makes the tokens that Secrets hold. */
  issueForSecret(account: KubeObject, secret: KubeObject): string;
  /** Also the simulated node and the controllers of workloads. */
  workloads: boolean;
}

/** Starts all control loops that a controller manager would run elsewhere; the answer stops them. */
export function startControllers({ api, log, caPem, issueForSecret, workloads }: ControllerOptions): () => void {
  const recorders = new Map<string, EventRecorder>();
  const context: ControllerContext = {
    api,
    log,
    caPem,
    writer: new Writer(api, 'kube-controller-manager'),
    kubelet: new Writer(api, 'kwok'),
    recorder: (component) => recorderOf(api, recorders, component),
  };
  const loops: Loop[] = [
    startNamespaceDefaults(context),
    startNamespaceTermination(context),
    startGarbageCollector(context),
    startClusterRoles(context),
    startVolumes(context),
    startSecretTokens(context, issueForSecret),
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
      startEndpoints(context),
      startLoadBalancers(context),
      ...startSmallStatuses(context),
    );
  }
  return () => {
    for (const loop of loops) loop.stop();
  };
}

function recorderOf(api: Api, known: Map<string, EventRecorder>, component: string): EventRecorder {
  let recorder = known.get(component);
  if (!recorder) {
    const manager = component === 'default-scheduler' ? 'kube-scheduler' : 'kube-controller-manager';
    recorder = new EventRecorder(api, component, manager);
    known.set(component, recorder);
  }
  return recorder;
}
