import { type Fields, list, setDefault, setDefaults } from './fields.ts';

/** Defaults of a pod template; those of a Pod itself come on top (`setPodDefaults`). */
export function setPodSpecDefaults(spec: Fields | undefined): void {
  if (!spec) return;
  setDefaults(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  });
  if (spec['serviceAccountName']) spec['serviceAccount'] = spec['serviceAccountName'];
  else if (spec['serviceAccount']) spec['serviceAccountName'] = spec['serviceAccount'];
  for (const container of containersOf(spec)) setContainerDefaults(container);
  for (const volume of list(spec['volumes'])) setVolumeDefaults(volume);
}

export function containersOf(spec: Fields): Fields[] {
  return [...list(spec['initContainers']), ...list(spec['containers']), ...list(spec['ephemeralContainers'])];
}

/** Only Pods, not templates: service links, and requests that follow the limits. */
export function setPodDefaults(spec: Fields): void {
  setPodSpecDefaults(spec);
  if (spec['hostNetwork'] === true) setHostPorts(spec);
  setDefault(spec, 'enableServiceLinks', true);
  for (const { resources } of [...list(spec['initContainers']), ...list(spec['containers'])]) {
    if (!resources?.limits) continue;
    resources.requests = { ...resources.limits, ...resources.requests };
  }
}

function setContainerDefaults(container: Fields): void {
  setDefaults(container, {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: pullPolicyOf(container['image'] ?? ''),
  });
  for (const port of list(container['ports'])) {
    setDefault(port, 'protocol', 'TCP');
  }
  for (const { valueFrom } of list(container['env'])) {
    if (valueFrom?.fieldRef) setDefault(valueFrom.fieldRef, 'apiVersion', 'v1');
  }
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) setProbeDefaults(container[name]);
  for (const handler of Object.values<Fields>(container['lifecycle'] ?? {})) setHandlerDefaults(handler);
}

/** `latest`, spoken or not, is pulled each time. */
function pullPolicyOf(image: string): string {
  if (image.includes('@')) return 'IfNotPresent';
  const name = image.slice(image.lastIndexOf('/') + 1);
  const colon = name.indexOf(':');
  return colon < 0 || name.slice(colon + 1) === 'latest' ? 'Always' : 'IfNotPresent';
}

function setProbeDefaults(probe: Fields | undefined): void {
  if (!probe) return;
  setDefaults(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  setHandlerDefaults(probe);
}

function setHandlerDefaults(handler: Fields): void {
  if (typeof handler !== 'object' || handler === null) return;
  if (handler['httpGet']) setDefaults(handler['httpGet'], { path: '/', scheme: 'HTTP' });
  if (handler['grpc']) setDefault(handler['grpc'], 'service', '');
}

const volumeDefaults: Record<string, Fields> = {
  secret: { defaultMode: 420 },
  configMap: { defaultMode: 420 },
  downwardAPI: { defaultMode: 420 },
  projected: { defaultMode: 420 },
  hostPath: { type: '' },
  iscsi: { iscsiInterface: 'default' },
  rbd: { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' },
  azureDisk: { cachingMode: 'ReadWrite', fsType: 'ext4', readOnly: false, kind: 'Shared' },
  scaleIO: { storageMode: 'ThinProvisioned', fsType: 'xfs' },
};

function setVolumeDefaults(volume: Fields): void {
  if (Object.keys(volume).every((name) => name === 'name')) volume['emptyDir'] = {};
  for (const [source, defaults] of Object.entries(volumeDefaults)) {
    if (volume[source]) setDefaults(volume[source], defaults);
  }
  for (const item of list(volume['downwardAPI']?.items)) setFieldRef(item);
  for (const { serviceAccountToken, downwardAPI } of list(volume['projected']?.sources)) {
    if (serviceAccountToken) setDefault(serviceAccountToken, 'expirationSeconds', 3600);
    for (const item of list(downwardAPI?.items)) setFieldRef(item);
  }
  const claim = volume['ephemeral']?.volumeClaimTemplate?.spec;
  if (claim) setDefault(claim, 'volumeMode', 'Filesystem');
  const image = volume['image'];
  if (image) setDefault(image, 'pullPolicy', pullPolicyOf(image.reference ?? ''));
}

function setFieldRef({ fieldRef }: Fields): void {
  if (fieldRef) setDefault(fieldRef, 'apiVersion', 'v1');
}

/** On the network of the host a container port is a port of the host; templates of pods leave that to their pods. */
function setHostPorts(spec: Fields): void {
  for (const container of containersOf(spec)) {
    for (const port of list(container['ports'])) {
      if (port['containerPort']) setDefault(port, 'hostPort', port['containerPort']);
    }
  }
}
