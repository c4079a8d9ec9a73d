import type { Strategy } from '../resource.ts';
import * as core from './core.ts';
import { customResourceDefinition } from './crd.ts';
import * as groups from './groups.ts';
import { cronJob, job } from './job.ts';
import { limitRange } from './limit-range.ts';
import { pod } from './pod.ts';
import { service } from './service.ts';
import * as workloads from './workloads.ts';

/** The strategy of each built-in kind that needs one; kinds not named here are stored as they are. */
export const strategies: Readonly<Record<string, Strategy>> = {
  ConfigMap: core.configMap,
  Endpoints: core.endpoints,
  Event: core.event,
  LimitRange: limitRange,
  Namespace: core.namespace,
  Node: core.node,
  PersistentVolume: core.persistentVolume,
  PersistentVolumeClaim: core.persistentVolumeClaim,
  Pod: pod,
  PodTemplate: workloads.podTemplate,
  ReplicationController: workloads.replicationController,
  ResourceQuota: core.resourceQuota,
  Secret: core.secret,
  Service: service,
  ServiceAccount: core.serviceAccount,
  APIService: groups.apiService,
  ControllerRevision: workloads.controllerRevision,
  DaemonSet: workloads.daemonSet,
  Deployment: workloads.deployment,
  ReplicaSet: workloads.replicaSet,
  StatefulSet: workloads.statefulSet,
  HorizontalPodAutoscaler: groups.horizontalPodAutoscaler,
  CronJob: cronJob,
  Job: job,
  CertificateSigningRequest: groups.certificateSigningRequest,
  Ingress: groups.ingress,
  IngressClass: groups.ingressClass,
  NetworkPolicy: groups.networkPolicy,
  PodDisruptionBudget: groups.podDisruptionBudget,
  ClusterRole: groups.role,
  ClusterRoleBinding: groups.roleBinding,
  Role: groups.role,
  RoleBinding: groups.roleBinding,
  CSIDriver: groups.csiDriver,
  CSINode: groups.csiNode,
  StorageClass: groups.storageClass,
  VolumeAttachment: groups.volumeAttachment,
  MutatingAdmissionPolicy: groups.admissionPolicy,
  MutatingAdmissionPolicyBinding: groups.admissionPolicyBinding,
  MutatingWebhookConfiguration: groups.mutatingWebhookConfiguration,
  ValidatingAdmissionPolicy: groups.admissionPolicy,
  ValidatingAdmissionPolicyBinding: groups.admissionPolicyBinding,
  ValidatingWebhookConfiguration: groups.validatingWebhookConfiguration,
  CustomResourceDefinition: customResourceDefinition,
  PriorityClass: groups.priorityClass,
  Lease: groups.lease,
  EndpointSlice: groups.endpointSlice,
  FlowSchema: groups.flowSchema,
  PriorityLevelConfiguration: groups.priorityLevelConfiguration,
};
