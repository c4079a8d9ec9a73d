import type { KubeObject } from '@flux/apimachinery';
import type { StrategyContext } from '../registry/resource.ts';
import { forbidden } from '../status.ts';
import { type Fields, list } from './fields.ts';
import { containersOf } from './pod-defaults.ts';

const prefix = 'pod-security.kubernetes.io/';
export const podSecurityLevels = ['privileged', 'baseline', 'restricted'];

/** Admission plugin PodSecurity: refuses pods that the namespace's `enforce` level forbids. */
export function checkPodSecurity(object: KubeObject, { api, resource }: StrategyContext): void {
  const level = levelOf(api.find('', 'namespaces', undefined, object.metadata.namespace ?? ''), 'enforce');
  const problems = podSecurityProblems(object['spec'], level);
  if (problems.length === 0) return;
  const why = `violates PodSecurity ${JSON.stringify(`${level}:latest`)}: ${problems.join(', ')}`;
  throw forbidden({ group: resource.group, resource: resource.plural }, object.metadata.name ?? '', why);
}

/** Templates of workloads are let through, with a warning for what their pods would violate. */
export function podSecurityWarnings(namespace: KubeObject | undefined, spec: Fields): string[] {
  const warnings: string[] = [];
  for (const mode of ['enforce', 'warn']) {
    const level = levelOf(namespace, mode);
    const problems = podSecurityProblems(spec, level);
    if (problems.length > 0)
      warnings.push(`would violate PodSecurity ${JSON.stringify(`${level}:latest`)}: ${problems.join(', ')}`);
  }
  return [...new Set(warnings)];
}

function levelOf(namespace: KubeObject | undefined, mode: string): string {
  return namespace?.metadata.labels?.[prefix + mode] ?? 'privileged';
}

function podSecurityProblems(spec: Fields, level: string): string[] {
  if (level === 'baseline') return baselineProblems(spec);
  if (level === 'restricted') return [...baselineProblems(spec), ...restrictedProblems(spec)];
  return [];
}

function named(containers: readonly Fields[]): string {
  const names = containers.map(({ name }) => JSON.stringify(name));
  return `${names.length === 1 ? 'container' : 'containers'} ${names.join(', ')}`;
}

const allowedCapabilities = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
);

function baselineProblems(spec: Fields): string[] {
  const problems: string[] = [];
  const containers = containersOf(spec);
  const namespaces = ['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => spec[field]);
  if (namespaces.length > 0)
    problems.push(`host namespaces (${namespaces.map((field) => `${field}=true`).join(', ')})`);
  const privileged = containers.filter(({ securityContext }) => securityContext?.privileged);
  if (privileged.length > 0)
    problems.push(`privileged (${named(privileged)} must not set securityContext.privileged=true)`);
  const capable = containers.filter(({ securityContext }) =>
    list(securityContext?.capabilities?.add).some((name) => !allowedCapabilities.has(String(name))),
  );
  if (capable.length > 0) {
    const added = [...new Set(capable.flatMap(({ securityContext }) => securityContext.capabilities.add as string[]))];
    const shown = added.filter((name) => !allowedCapabilities.has(name)).map((name) => JSON.stringify(name));
    problems.push(
      `non-default capabilities (${named(capable)} must not include ${shown.join(', ')} in securityContext.capabilities.add)`,
    );
  }
  const hostPaths = list(spec['volumes']).filter(({ hostPath }) => hostPath);
  if (hostPaths.length > 0) {
    const names = hostPaths.map(({ name }) => JSON.stringify(name)).join(', ');
    problems.push(`hostPath volumes (${hostPaths.length === 1 ? 'volume' : 'volumes'} ${names})`);
  }
  const ported = containers.filter(({ ports }) => list(ports).some(({ hostPort }) => hostPort));
  if (ported.length > 0) {
    const ports = [
      ...new Set(ported.flatMap(({ ports }) => list(ports).map(({ hostPort }) => hostPort)).filter(Boolean)),
    ];
    problems.push(
      `hostPort (${named(ported)} uses ${ports.length === 1 ? 'hostPort' : 'hostPorts'} ${ports.join(', ')})`,
    );
  }
  return problems;
}

function restrictedProblems(spec: Fields): string[] {
  const problems: string[] = [];
  const containers = containersOf(spec);
  const pod = spec['securityContext'] ?? {};
  const escalating = containers.filter(({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (escalating.length > 0) {
    problems.push(
      `allowPrivilegeEscalation != false (${named(escalating)} must set securityContext.allowPrivilegeEscalation=false)`,
    );
  }
  const undropped = containers.filter(
    ({ securityContext }) => !list(securityContext?.capabilities?.drop).some((name) => String(name) === 'ALL'),
  );
  if (undropped.length > 0) {
    problems.push(`unrestricted capabilities (${named(undropped)} must set securityContext.capabilities.drop=["ALL"])`);
  }
  const rooted = containers.filter(({ securityContext }) => !(securityContext?.runAsNonRoot ?? pod.runAsNonRoot));
  if (rooted.length > 0) {
    problems.push(`runAsNonRoot != true (pod or ${named(rooted)} must set securityContext.runAsNonRoot=true)`);
  }
  const unprofiled = containers.filter(({ securityContext }) => {
    const type = securityContext?.seccompProfile?.type ?? pod.seccompProfile?.type;
    return type !== 'RuntimeDefault' && type !== 'Localhost';
  });
  if (unprofiled.length > 0) {
    problems.push(
      `seccompProfile (pod or ${named(unprofiled)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`,
    );
  }
  return problems;
}
