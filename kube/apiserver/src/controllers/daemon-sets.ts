import { deepEqual, type KubeObject } from '@flux/apimachinery';
import { storageKey } from '../storage/bucket.ts';
import { list } from '../strategies/fields.ts';
import type { ControllerContext } from './context.ts';
import { Loop } from './loop.ts';
import { objectKey, splitKey } from './object-key.ts';
import { isReady, ownerKeys, podFromTemplate, podsOf } from './replicas.ts';
import { keepRevisions } from './revisions.ts';

const revisionLabel = 'controller-revision-hash';

/** DaemonSets: one pod on each node that the node selector allows. */
export function startDaemonSets(context: ControllerContext): Loop {
  const { api, log, writer } = context;
  const sets = api.resource('apps', 'daemonsets');
  const pods = api.resource('', 'pods');
  const nodes = api.resource('', 'nodes');
  const recorder = context.recorder('daemonset-controller');
  const loop = new Loop('daemonsets', log, (key) => {
    const live = sets.bucket.get(storageKey(...splitKey(key)));
    if (!live) return;
    const { name } = live.metadata;
    const owned = podsOf(pods, live);
    const used = owned.map(({ metadata }) => `${name}-${metadata.labels?.[revisionLabel] ?? ''}`);
    const hash = live.metadata.deletionTimestamp ? '' : keepRevisions(context, sets, live, new Set(used)).hash;
    const wanted = nodes.bucket
      .values()
      .filter((node) => isWanted(node, live))
      .map(({ metadata }) => metadata.name);
    if (!live.metadata.deletionTimestamp) {
      for (const pod of owned) {
        const isOld = pod.metadata.labels?.[revisionLabel] !== hash && live['spec'].updateStrategy?.type !== 'OnDelete';
        if ((isOld || !wanted.includes(nodeOf(pod))) && !pod.metadata.deletionTimestamp) {
          writer.delete(pods, pod);
          recorder.record(live, { reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}` });
        }
      }
      const served = new Set(podsOf(pods, live).map(nodeOf));
      for (const node of wanted.filter((name) => !served.has(name))) {
        const pod = writer.create(pods, daemonPod(context, live, node, hash));
        recorder.record(live, { reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}` });
      }
    }
    updateStatus(context, live, wanted, hash);
  });
  loop.watch(sets.bucket, ({ type, object }) => (type === 'DELETED' ? [] : [objectKey(object)]));
  loop.watch(pods.bucket, ownerKeys('DaemonSet'));
  loop.watch(nodes.bucket, () => sets.bucket.values().map(objectKey));
  return loop;
}

function isWanted(node: KubeObject, { spec }: KubeObject): boolean {
  const labels = node.metadata.labels ?? {};
  return Object.entries(spec.template.spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
}

/** The node that the pod's affinity names, before and after it was scheduled. */
function nodeOf({ spec }: KubeObject): string {
  const terms = list(spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms);
  return spec.nodeName ?? terms[0]?.['matchFields']?.[0]?.values?.[0] ?? '';
}

const daemonTolerations = [
  ['node.kubernetes.io/not-ready', 'NoExecute'],
  ['node.kubernetes.io/unreachable', 'NoExecute'],
  ['node.kubernetes.io/disk-pressure', 'NoSchedule'],
  ['node.kubernetes.io/memory-pressure', 'NoSchedule'],
  ['node.kubernetes.io/pid-pressure', 'NoSchedule'],
  ['node.kubernetes.io/unschedulable', 'NoSchedule'],
].map(([key, effect]) => ({ key, operator: 'Exists', effect }));

function daemonPod({ api }: ControllerContext, live: KubeObject, node: string, hash: string): Record<string, unknown> {
  const resource = api.resource('apps', 'daemonsets');
  const { template } = live['spec'];
  const generation = live.metadata.annotations?.['deprecated.daemonset.template.generation'] ?? '1';
  const labels = { ...template.metadata?.labels, [revisionLabel]: hash, 'pod-template-generation': generation };
  const pod = podFromTemplate(resource, live, { ...template, metadata: { ...template.metadata, labels } });
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }];
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } };
  const tolerations = [...list(template.spec.tolerations), ...daemonTolerations];
  return { ...pod, spec: { ...template.spec, affinity: { ...template.spec.affinity, nodeAffinity }, tolerations } };
}

function updateStatus(
  { api, writer }: ControllerContext,
  live: KubeObject,
  wanted: readonly string[],
  hash: string,
): void {
  const resource = api.resource('apps', 'daemonsets');
  const owned = podsOf(api.resource('', 'pods'), live).filter(({ metadata }) => !metadata.deletionTimestamp);
  const ready = owned.filter(isReady).length;
  const updated = owned.filter((pod) => pod.metadata.labels?.[revisionLabel] === hash).length;
  const unavailable = wanted.length - ready;
  const status = {
    currentNumberScheduled: owned.length,
    numberMisscheduled: 0,
    desiredNumberScheduled: wanted.length,
    numberReady: ready,
    observedGeneration: live.metadata.generation,
    ...(updated ? { updatedNumberScheduled: updated } : {}),
    ...(ready ? { numberAvailable: ready } : {}),
    ...(unavailable > 0 ? { numberUnavailable: unavailable } : {}),
  };
  if (deepEqual(status, live['status'])) return;
  writer.update(resource, live, (object) => Object.assign(object, { status }), 'status');
}
