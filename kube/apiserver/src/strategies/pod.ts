import { deepEqual, type KubeObject } from '@flux/apimachinery';
import { internalForm } from '@flux/builtin';
import { nanoOf } from '../decode/scalars.ts';
import { generateName } from '../registry/create.ts';
import type { Strategy, StrategyContext } from '../registry/resource.ts';
import { type FieldError, forbidden, forbiddenField } from '../status.ts';
import { type Fields, list, setDefault, withFieldsOf } from './fields.ts';
import { applyLimitRanges } from './limit-range.ts';
import { setPodDefaults } from './pod-defaults.ts';
import { hasEnded } from './pod-phase.ts';
import { checkPodSecurity } from './pod-security.ts';
import { validatePodSpec } from './pod-validation.ts';
import { annotationWarnings, podSpecWarnings } from './pod-warnings.ts';
import { unifiedDiff } from './unified-diff.ts';

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';

export const pod: Strategy = {
  validatesMetadataAgain: true,
  generation: 'spec',
  answersDeletedObject: true,
  setDefaults({ spec, status }) {
    setPodDefaults(spec);
    if (status?.podIP && !list(status.podIPs).length) status.podIPs = [{ ip: status.podIP }];
  },
  admit(object, context) {
    addServiceAccount(object, context);
    applyLimitRanges(object, context);
    addTolerations(object['spec']);
    addPriority(object, context);
    addOverhead(object, context);
    checkPodSecurity(object, context);
  },
  prepareForCreate(object) {
    if (object['spec'].terminationGracePeriodSeconds < 0) object['spec'].terminationGracePeriodSeconds = 1;
    object['status'] = { phase: 'Pending', qosClass: qosClassOf(object['spec']) };
  },
  validate({ spec }) {
    const errors = validatePodSpec(spec, 'spec');
    if (list(spec.ephemeralContainers).length > 0) {
      errors.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'));
    }
    return errors;
  },
  warnings({ spec, metadata }, old) {
    return old ? [] : [...annotationWarnings(metadata.annotations, 'metadata'), ...podSpecWarnings(spec, 'spec')];
  },
  validateUpdate(object, old) {
    return [...validatePodSpec(object['spec'], 'spec'), ...immutableParts(object['spec'], old['spec'])];
  },
  prepareForUpdate(object, old, { subresource }) {
    if (subresource === '') addTolerations(object['spec']);
    if (subresource === 'status') completeStatus(object['status'] ?? {}, old['status'] ?? {});
  },
  selectableFields: ({ spec, status }) => ({
    'spec.nodeName': spec.nodeName ?? '',
    'spec.restartPolicy': spec.restartPolicy ?? '',
    'spec.schedulerName': spec.schedulerName ?? '',
    'spec.serviceAccountName': spec.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec.hostNetwork ?? false),
    'status.phase': status?.phase ?? '',
    'status.podIP': status?.podIP ?? '',
    'status.nominatedNodeName': status?.nominatedNodeName ?? '',
  }),
  gracePeriod(object, requested) {
    const { spec } = object;
    // A pod that nobody runs has nothing to wind down.
    if (!spec.nodeName || hasEnded(object)) return 0;
    const seconds = requested ?? spec.terminationGracePeriodSeconds ?? 30;
    return Math.max(0, seconds);
  },
};

function completeStatus(status: Fields, old: Fields): void {
  if (!status['qosClass'] && old['qosClass']) status['qosClass'] = old['qosClass'];
}

/** Admission plugin ServiceAccount: the account must exist, and its token is mounted. */
function addServiceAccount(object: KubeObject, { api, resource, subresource }: StrategyContext): void {
  if (subresource) return;
  const { spec, metadata } = object as Fields;
  if (metadata['annotations']?.['kubernetes.io/config.mirror']) return;
  setDefault(spec, 'serviceAccountName', 'default');
  if (spec['serviceAccountName'] === '') spec['serviceAccountName'] = 'default';
  spec['serviceAccount'] = spec['serviceAccountName'];
  const name: string = spec['serviceAccountName'];
  const account = api.find('', 'serviceaccounts', metadata['namespace'], name);
  if (!account) {
    const why = `error looking up service account ${metadata['namespace']}/${name}: serviceaccount ${JSON.stringify(name)} not found`;
    throw forbidden({ group: resource.group, resource: resource.plural }, metadata['name'] ?? '', why);
  }
  if (!list(spec['imagePullSecrets']).length && list(account['imagePullSecrets']).length) {
    spec['imagePullSecrets'] = structuredClone(account['imagePullSecrets']);
  }
  if ((spec['automountServiceAccountToken'] ?? account['automountServiceAccountToken']) !== false) mountToken(spec);
}

function mountToken(spec: Fields): void {
  // A second round of admission finds the volume of the first.
  const known = list(spec['volumes']).find((volume) => volume['projected'] && /^kube-api-access-/.test(volume['name']));
  const name: string = known?.['name'] ?? generateName('kube-api-access-');
  let isMounted = false;
  for (const container of [...list(spec['initContainers']), ...list(spec['containers'])]) {
    if (list(container['volumeMounts']).some(({ mountPath }) => mountPath === tokenPath)) continue;
    container['volumeMounts'] = [...list(container['volumeMounts']), { name, readOnly: true, mountPath: tokenPath }];
    isMounted = true;
  }
  if (isMounted && !known) spec['volumes'] = [...list(spec['volumes']), tokenVolume(name)];
}

function tokenVolume(name: string): Fields {
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] },
    },
  ];
  return { name, projected: { sources, defaultMode: 420 } };
}

/** Admission plugin DefaultTolerationSeconds. */
function addTolerations(spec: Fields): void {
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const covers = (toleration: Fields) =>
      (toleration['key'] === key || !toleration['key']) &&
      (!toleration['effect'] || toleration['effect'] === 'NoExecute');
    if (list(spec['tolerations']).some(covers)) continue;
    const toleration = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 };
    spec['tolerations'] = [...list(spec['tolerations']), toleration];
  }
}

/** Admission plugin Priority: the class by name, or the global default. */
function addPriority(object: KubeObject, { api, resource }: StrategyContext): void {
  const { spec, metadata } = object as Fields;
  const name: string = spec['priorityClassName'] ?? '';
  const classes = api.list('scheduling.k8s.io', 'priorityclasses');
  const found = name
    ? classes.find((item) => item.metadata.name === name)
    : classes.find((item) => item['globalDefault']);
  const refuse = (why: string) =>
    forbidden({ group: resource.group, resource: resource.plural }, metadata['name'] ?? '', why);
  if (name && !found) throw refuse(`no PriorityClass with name ${name} was found`);
  if (found) spec['priorityClassName'] = found.metadata.name;
  const priority = found?.['value'] ?? 0;
  const policy = found?.['preemptionPolicy'] ?? 'PreemptLowerPriority';
  const rule = 'must not be provided in pod spec; priority admission controller computed';
  const from = 'from the given PriorityClass name';
  if ((spec['priority'] ?? priority) !== priority) {
    throw refuse(`the integer value of priority (${spec['priority']}) ${rule} ${priority} ${from}`);
  }
  if ((spec['preemptionPolicy'] ?? policy) !== policy) {
    throw refuse(`the string value of PreemptionPolicy (${spec['preemptionPolicy']}) ${rule} ${policy} ${from}`);
  }
  Object.assign(spec, { priority, preemptionPolicy: policy });
}

/** Admission plugin RuntimeClass: the class has to be there, and what it takes is added to the pod. */
function addOverhead(object: KubeObject, { api, resource }: StrategyContext): void {
  const { spec, metadata } = object as Fields;
  const name: string | undefined = spec['runtimeClassName'];
  const found = name ? api.find('node.k8s.io', 'runtimeclasses', undefined, name) : undefined;
  const overhead = found?.['overhead']?.podFixed;
  const refuse = (why: string) =>
    forbidden({ group: resource.group, resource: resource.plural }, metadata['name'] ?? '', `pod rejected: ${why}`);
  if (name && !found) throw refuse(`RuntimeClass ${JSON.stringify(name)} not found`);
  if (spec['overhead'] && !overhead)
    throw refuse('Pod Overhead set without corresponding RuntimeClass defined Overhead');
  if (!overhead) return;
  if (spec['overhead'] && !deepEqual(spec['overhead'], overhead)) {
    throw refuse("Pod's Overhead doesn't match RuntimeClass's defined Overhead");
  }
  spec['overhead'] = overhead;
}

function qosClassOf(spec: Fields): string {
  const containers = [...list(spec['initContainers']), ...list(spec['containers'])];
  let isGuaranteed = true;
  let asksNothing = true;
  for (const { resources = {} } of containers) {
    for (const name of ['cpu', 'memory']) {
      const limit = nanoOf(resources.limits?.[name]);
      const request = nanoOf(resources.requests?.[name]);
      if (limit || request) asksNothing = false;
      if (!limit || (request && request !== limit)) isGuaranteed = false;
    }
  }
  return asksNothing ? 'BestEffort' : isGuaranteed ? 'Guaranteed' : 'Burstable';
}

const mutableRule =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

function immutableParts(spec: Fields, old: Fields): FieldError[] {
  const errors: FieldError[] = [];
  for (const group of ['containers', 'initContainers']) {
    if (list(spec[group]).length !== list(old[group]).length) {
      errors.push(forbiddenField(`spec.${group}`, 'pod updates may not add or remove containers'));
    }
  }
  if (errors.length > 0) return errors;
  const kept = withMutableOf(old, spec);
  if (deepEqual(kept, old)) return [];
  const difference = unifiedDiff(internalForm('PodSpec', old), internalForm('PodSpec', kept));
  return [forbiddenField('spec', `${mutableRule}\n${difference}`)];
}

/** The new spec with what may change as it was. */
function withMutableOf(old: Fields, spec: Fields): Fields {
  const mutable = ['activeDeadlineSeconds', 'tolerations', 'schedulingGates', 'ephemeralContainers'];
  const restored = withFieldsOf(old, spec, mutable);
  for (const group of ['containers', 'initContainers']) {
    if (!spec[group]) continue;
    restored[group] = list(spec[group]).map((container, index) =>
      withFieldsOf(list(old[group])[index]!, container, ['image', 'resources']),
    );
  }
  return restored;
}
