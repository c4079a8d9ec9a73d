import type { Strategy } from '../registry/resource.ts';
import * as admission from './admission.ts';
import { apiService } from './api-service.ts';
import { certificateSigningRequest } from './certificates.ts';
import * as core from './core.ts';
import { customResourceDefinition } from './crd.ts';
import * as data from './data.ts';
import { endpointSlice } from './endpoint-slice.ts';
import * as groups from './groups.ts';
import { cronJob, job } from './job.ts';
import { limitRange } from './limit-range.ts';
import { networkPolicy } from './network-policy.ts';
import * as networking from './networking.ts';
import { pod } from './pod.ts';
import * as rbac from './rbac.ts';
import { resourceQuota } from './resource-quota.ts';
import { service } from './service.ts';
import * as storage from './storage.ts';
import * as volumes from './volumes.ts';
import * as workloads from './workloads.ts';

/** The strategy of each built-in kind that needs one; kinds not named here are stored as they are. */
export const strategies: Readonly<Record<string, Strategy>> = {
  ConfigMap: data.configMap,
  Endpoints: core.endpoints,
  Event: core.event,
  LimitRange: limitRange,
  Namespace: core.namespace,
  Node: core.node,
  PersistentVolume: volumes.persistentVolume,
  PersistentVolumeClaim: volumes.persistentVolumeClaim,
  Pod: pod,
  PodTemplate: workloads.podTemplate,
  ReplicationController: workloads.replicationController,
  ResourceQuota: resourceQuota,
  Secret: data.secret,
  Service: service,
  ServiceAccount: core.serviceAccount,
  APIService: apiService,
  ControllerRevision: workloads.controllerRevision,
  DaemonSet: workloads.daemonSet,
  Deployment: workloads.deployment,
  ReplicaSet: workloads.replicaSet,
  StatefulSet: workloads.statefulSet,
  HorizontalPodAutoscaler: groups.horizontalPodAutoscaler,
  CronJob: cronJob,
  Job: job,
  CertificateSigningRequest: certificateSigningRequest,
  Ingress: networking.ingress,
  IngressClass: networking.ingressClass,
  NetworkPolicy: networkPolicy,
  PodDisruptionBudget: groups.podDisruptionBudget,
  ClusterRole: rbac.role,
  ClusterRoleBinding: rbac.roleBinding,
  Role: rbac.role,
  RoleBinding: rbac.roleBinding,
  RuntimeClass: storage.runtimeClass,
  CSIDriver: storage.csiDriver,
  CSINode: storage.csiNode,
  StorageClass: storage.storageClass,
  VolumeAttachment: storage.volumeAttachment,
  MutatingAdmissionPolicy: admission.mutatingPolicy,
  MutatingAdmissionPolicyBinding: admission.admissionPolicyBinding,
  MutatingWebhookConfiguration: admission.mutatingWebhookConfiguration,
  ValidatingAdmissionPolicy: admission.validatingPolicy,
  ValidatingAdmissionPolicyBinding: admission.admissionPolicyBinding,
  ValidatingWebhookConfiguration: admission.validatingWebhookConfiguration,
  CustomResourceDefinition: customResourceDefinition,
  PriorityClass: groups.priorityClass,
  Lease: groups.lease,
  EndpointSlice: endpointSlice,
  FlowSchema: groups.flowSchema,
  PriorityLevelConfiguration: groups.priorityLevelConfiguration,
};
