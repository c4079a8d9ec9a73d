import { deepEqual, type KubeObject } from '@flux/apimachinery';
import type { Strategy } from '../registry/resource.ts';
import { type Fields, list } from './fields.ts';
import { podSecurityWarnings } from './pod-security.ts';

/** The `warnings` hook of a kind with a pod template at `path` (dotted, without the `spec` of the pod itself). */
export function templateWarnings(path: string): NonNullable<Strategy['warnings']> {
  return (object, old, { api }) => {
    const template = templateAt(object, path);
    if (!template || (old && deepEqual(template, templateAt(old, path)))) return [];
    const namespace = api.find('', 'namespaces', undefined, object.metadata.namespace ?? '');
    const spec = template['spec'] ?? {};
    return [...podSpecWarnings(spec, `${path}.spec`), ...podSecurityWarnings(namespace, spec)];
  };
}

function templateAt(object: KubeObject, path: string): Fields | undefined {
  return path.split('.').reduce<Fields | undefined>((value, key) => value?.[key], object as Fields);
}

const deprecatedLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** What the API server says about pods that it accepts all the same. */
export function podSpecWarnings(spec: Fields, path: string): string[] {
  const warnings: string[] = [];
  for (const key of Object.keys(spec['nodeSelector'] ?? {})) {
    if (Object.hasOwn(deprecatedLabels, key)) warnings.push(`${path}.nodeSelector[${key}]: ${deprecatedLabels[key]}`);
  }
  for (const group of ['initContainers', 'containers']) {
    for (const [index, container] of list(spec[group]).entries()) {
      const at = `${path}.${group}[${index}]`;
      warnings.push(...repeatedPorts(container, at), ...hiddenVariables(container, at));
    }
  }
  return warnings;
}

function repeatedPorts({ ports }: Fields, path: string): string[] {
  const seen = new Map<string, number>();
  return list(ports).flatMap(({ containerPort, protocol, hostPort, hostIP }, index) => {
    const key = [containerPort, protocol, hostPort, hostIP].join(' ');
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    return first === undefined
      ? []
      : [`${path}.ports[${index}]: duplicate port definition with ${path}.ports[${first}]`];
  });
}

function hiddenVariables({ env }: Fields, path: string): string[] {
  const seen = new Map<string, string | undefined>();
  const warnings: string[] = [];
  for (const [index, { name, value }] of list(env).entries()) {
    // A value that builds on the earlier one is meant.
    if (seen.has(name) && !String(value ?? '').includes(`$(${name})`)) {
      const what = `hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`;
      warnings.push(`${path}.env[${index}]: ${what}`);
    }
    seen.set(name, value);
  }
  return warnings;
}
