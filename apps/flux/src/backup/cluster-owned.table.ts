/** Kinds that describe the machine or the moment, or that the control plane derives from others. */
export const derivedKinds: ReadonlySet<string> = new Set([
  'APIService',
  'CSINode',
  'CSIStorageCapacity',
  'CertificateSigningRequest',
  'ComponentStatus',
  'Endpoints',
  'EndpointSlice',
  'Event',
  'IPAddress',
  'Lease',
  'LeaseCandidate',
  'Node',
  'ServiceCIDR',
  'StorageVersion',
  'VolumeAttachment',
]);

/** Objects that every cluster makes for itself, as `Kind/namespace/name`; an empty namespace means any. */
export const ownObjects: ReadonlySet<string> = new Set([
  'ConfigMap//kube-root-ca.crt',
  'ConfigMap/kube-system/extension-apiserver-authentication',
  'ConfigMap/kube-system/kube-apiserver-legacy-service-account-token-tracking',
  'PriorityClass//system-cluster-critical',
  'PriorityClass//system-node-critical',
  'Service/default/kubernetes',
]);
