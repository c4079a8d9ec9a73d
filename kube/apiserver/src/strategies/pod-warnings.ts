import { deepEqual, type KubeObject } from '@flux/apimachinery';
import type { Strategy } from '../registry/resource.ts';
import { type Fields, list } from './fields.ts';
import { podSecurityWarnings } from './pod-security.ts';

/** The `warnings` hook of a kind with a pod template at `path` (dotted, without the `spec` of the pod itself). */
export function templateWarnings(path: string): NonNullable<Strategy['warnings']> {
  return (object, old, { api }) => {
    const template = templateAt(object, path);
    if (!template || (old && old.metadata.generation === object.metadata.generation)) return [];
    const spec = template['spec'] ?? {};
    const warnings = [
      ...annotationWarnings(template['metadata']?.annotations, `${path}.metadata`),
      ...podSpecWarnings(spec, `${path}.spec`),
    ];
    // Security is looked at again only when the template is another.
    if (old && deepEqual(template, templateAt(old, path))) return warnings;
    const namespace = api.find('', 'namespaces', undefined, object.metadata.namespace ?? '');
    return [...warnings, ...podSecurityWarnings(namespace, spec)];
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

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';

/** Annotations that fields have taken the place of. */
export function annotationWarnings(annotations: Fields | undefined, path: string): string[] {
  return Object.keys(annotations ?? {})
    .filter((key) => key.startsWith(appArmorPrefix))
    .map((key) => `${path}.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`);
}

/** What the API server says about pods that it accepts all the same. */
export function podSpecWarnings(spec: Fields, path: string): string[] {
  const warnings = repeatedPorts(spec, path);
  for (const key of Object.keys(spec['nodeSelector'] ?? {})) {
    if (Object.hasOwn(deprecatedLabels, key)) warnings.push(`${path}.nodeSelector[${key}]: ${deprecatedLabels[key]}`);
  }
  for (const group of ['initContainers', 'containers']) {
    for (const [index, container] of list(spec[group]).entries()) {
      const at = `${path}.${group}[${index}]`;
      warnings.push(...hiddenVariables(container, at));
    }
  }
  return warnings;
}

/** Ports that are declared twice, by number or by name, in any containers of the pod. */
function repeatedPorts(spec: Fields, path: string): string[] {
  const seen: { at: string; key: string; name: string }[] = [];
  const warnings: string[] = [];
  for (const group of ['initContainers', 'containers']) {
    for (const [index, { ports }] of list(spec[group]).entries()) {
      for (const [position, { containerPort, protocol, hostPort, hostIP, name = '' }] of list(ports).entries()) {
        const at = `${path}.${group}[${index}].ports[${position}]`;
        const key = [containerPort, protocol, hostPort, hostIP].join(' ');
        for (const other of seen)
          if (other.key === key) warnings.push(`${at}: duplicate port definition with ${other.at}`);
        const first = name === '' ? undefined : seen.find((other) => other.name === name);
        if (first) {
          const what = `services and probes that select ports by name will use ${first.at}`;
          warnings.push(`${at}: duplicate port name ${JSON.stringify(name)} with ${first.at}, ${what}`);
        }
        seen.push({ at, key, name });
      }
    }
  }
  return warnings;
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
