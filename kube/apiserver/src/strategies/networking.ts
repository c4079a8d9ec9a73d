import type { Strategy } from '../registry/resource.ts';
import { type FieldError, invalidField, requiredField, unsupportedField } from '../status.ts';
import { type Fields, list, setDefault, setDefaults } from './fields.ts';

export const ingress: Strategy = {
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
    for (const [index, rule] of list(spec?.rules).entries()) {
      for (const [position, path] of list(rule['http']?.paths).entries()) {
        errors.push(...validatePath(path, `spec.rules[${index}].http.paths[${position}]`));
      }
    }
    return errors;
  },
};

function validatePath(path: Fields, at: string): FieldError[] {
  const known = ['Exact', 'ImplementationSpecific', 'Prefix'];
  const errors: FieldError[] = [];
  if (!path['pathType']) errors.push(requiredField(`${at}.pathType`, 'pathType must be specified'));
  else if (!known.includes(path['pathType'])) errors.push(unsupportedField(`${at}.pathType`, path['pathType'], known));
  else if (path['pathType'] !== 'ImplementationSpecific' && !String(path['path'] ?? '').startsWith('/')) {
    errors.push(invalidField(`${at}.path`, path['path'] ?? '', 'must be an absolute path'));
  }
  const { service, resource } = path['backend'] ?? {};
  if (service && !service.port?.name && !service.port?.number) {
    errors.push(requiredField(`${at}.backend`, 'port name or number is required'));
  }
  if (!service && !resource) errors.push(requiredField(`${at}.backend`, 'service or resource backend is required'));
  return errors;
}

export const ingressClass: Strategy = {
  generation: 'spec',
  setDefaults({ spec }) {
    if (spec?.parameters) setDefault(spec.parameters, 'scope', 'Cluster');
  },
};

export const networkPolicy: Strategy = {
  generation: 'spec',
  setDefaults({ spec }) {
    for (const rule of [...list(spec.ingress), ...list(spec.egress)]) {
      for (const port of list(rule['ports'])) setDefault(port, 'protocol', 'TCP');
    }
    if (!list(spec.policyTypes).length) {
      spec.policyTypes = list(spec.egress).length ? ['Ingress', 'Egress'] : ['Ingress'];
    }
  },
  validate({ spec }) {
    const known = ['Ingress', 'Egress'];
    const types: string[] = spec.policyTypes ?? [];
    return types.flatMap((type, index) =>
      known.includes(type) ? [] : [unsupportedField(`spec.policyTypes[${index}]`, type, known)],
    );
  },
};

export const endpointSlice: Strategy = {
  generation: 'object',
  setDefaults({ ports }) {
    for (const port of list(ports)) setDefaults(port, { name: '', protocol: 'TCP' });
  },
};
