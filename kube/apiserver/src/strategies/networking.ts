import { isIP } from 'node:net';
import { invalidAt, subdomainProblems } from '../registry/names.ts';
import type { Strategy } from '../registry/resource.ts';
import { type FieldError, invalidField, requiredField, unsupportedField } from '../status.ts';
import { type Fields, list, setDefault, setDefaults } from './fields.ts';

export const ingress: Strategy = {
  validatesMetadataAgain: true,
  generation: 'spec',
  answersDeletedObject: false,
  prepareForCreate(object) {
    object['status'] = { loadBalancer: {} };
  },
  validate({ spec }) {
    const errors: FieldError[] = [];
    if (!spec?.defaultBackend && !list(spec?.rules).length) {
      errors.push(invalidField('spec', null, 'either `defaultBackend` or `rules` must be specified'));
    }
    if (spec?.ingressClassName) {
      errors.push(
        ...invalidAt('spec.ingressClassName', spec.ingressClassName, subdomainProblems(spec.ingressClassName)),
      );
    }
    if (spec?.defaultBackend) errors.push(...backendProblems(spec.defaultBackend, 'spec.defaultBackend'));
    for (const [index, { hosts }] of list(spec?.tls).entries()) {
      for (const [position, host] of (list(hosts) as unknown as string[]).entries()) {
        errors.push(...hostProblems(host, `spec.tls[${index}].hosts[${position}]`));
      }
    }
    for (const [index, rule] of list(spec?.rules).entries()) {
      if (rule['http'] && !list(rule['http'].paths).length)
        errors.push(requiredField(`spec.rules[${index}].http.paths`));
      errors.push(...hostProblems(rule['host'] ?? '', `spec.rules[${index}].host`));
      for (const [position, path] of list(rule['http']?.paths).entries()) {
        errors.push(...validatePath(path, `spec.rules[${index}].http.paths[${position}]`));
      }
    }
    return errors;
  },
};

function hostProblems(host: string, path: string): FieldError[] {
  if (host === '') return [];
  if (isIP(host) !== 0) return [invalidField(path, host, 'must be a DNS name, not an IP address')];
  if (!host.includes('*')) return invalidAt(path, host, subdomainProblems(host));
  if (/^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(host)) return [];
  const rule =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  return [invalidField(path, host, rule)];
}

function validatePath(path: Fields, at: string): FieldError[] {
  const known = ['Exact', 'ImplementationSpecific', 'Prefix'];
  const errors: FieldError[] = [];
  if (!path['pathType']) return [requiredField(`${at}.pathType`, 'pathType must be specified')];
  if (!known.includes(path['pathType'])) errors.push(unsupportedField(`${at}.pathType`, path['pathType'], known));
  else if (path['pathType'] !== 'ImplementationSpecific' && !String(path['path'] ?? '').startsWith('/')) {
    errors.push(invalidField(`${at}.path`, path['path'] ?? '', 'must be an absolute path'));
  }
  return [...errors, ...backendProblems(path['backend'] ?? {}, `${at}.backend`)];
}

function backendProblems({ service, resource }: Fields, at: string): FieldError[] {
  if (!service) return resource ? [] : [requiredField(at, 'service or resource backend is required')];
  const { name, number } = service.port ?? {};
  if (name && number) return [invalidField(at, '', 'cannot set both port name & port number')];
  return name || number ? [] : [requiredField(at, 'port name or number is required')];
}

export const ingressClass: Strategy = {
  validatesMetadataAgain: true,
  generation: 'spec',
  setDefaults({ spec }) {
    if (spec?.parameters) setDefault(spec.parameters, 'scope', 'Cluster');
  },
  validate({ spec }) {
    const controller: string = spec?.controller ?? '';
    if (/^[^/]+\/.+$/.test(controller)) return [];
    const rule = 'must be a domain-prefixed path (such as "acme.io/foo")';
    return [controller === '' ? requiredField('spec.controller') : invalidField('spec.controller', controller, rule)];
  },
};

export const endpointSlice: Strategy = {
  generation: 'object',
  setDefaults({ ports }) {
    for (const port of list(ports)) setDefaults(port, { name: '', protocol: 'TCP' });
  },
};
