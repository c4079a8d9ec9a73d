import { isIP } from 'node:net';
import type { KubeObject } from '@flux/apimachinery';
import { invalidAt, labelProblems, pathSegmentProblems, subdomainProblems } from '../registry/names.ts';
import type { Strategy } from '../registry/resource.ts';
import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../status.ts';
import { addressProblems } from './address-validation.ts';
import { type Fields, list, setDefault } from './fields.ts';
import { oneOf } from './one-of.ts';
import { portNameProblems, portProblems } from './port-validation.ts';

export const ingress: Strategy = {
  validatesMetadataAgain: true,
  generation: 'spec',
  answersDeletedObject: false,
  prepareForCreate(object) {
    object['status'] = { loadBalancer: {} };
  },
  validate: (object) => [...validateIngress(object), ...classProblems(object)],
  validateUpdate: (object) => validateIngress(object),
  validateStatusUpdate: ({ status }) =>
    list(status?.loadBalancer?.ingress).flatMap(({ ip, hostname }, index) => {
      const at = `status.loadBalancer.ingress[${index}]`;
      return [...(ip ? addressProblems(ip, `${at}.ip`) : []), ...hostProblems(hostname ?? '', `${at}.hostname`)];
    }),
};

function validateIngress({ spec }: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec?.defaultBackend && !list(spec?.rules).length) {
    errors.push(invalidField('spec', spec?.rules ?? null, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (spec?.ingressClassName) {
    errors.push(...invalidAt('spec.ingressClassName', spec.ingressClassName, subdomainProblems(spec.ingressClassName)));
  }
  if (spec?.defaultBackend) errors.push(...backendProblems(spec.defaultBackend, 'spec.defaultBackend'));
  for (const [index, { hosts, secretName }] of list(spec?.tls).entries()) {
    if (secretName)
      errors.push(...invalidAt(`spec.tls[${index}].secretName`, secretName, subdomainProblems(secretName)));
    for (const [position, host] of (list(hosts) as unknown as string[]).entries()) {
      errors.push(...hostProblems(host, `spec.tls[${index}].hosts[${position}]`));
    }
  }
  for (const [index, rule] of list(spec?.rules).entries()) {
    if (rule['http'] && !list(rule['http'].paths).length) errors.push(requiredField(`spec.rules[${index}].http.paths`));
    errors.push(...hostProblems(rule['host'] ?? '', `spec.rules[${index}].host`));
    for (const [position, path] of list(rule['http']?.paths).entries()) {
      errors.push(...validatePath(path, `spec.rules[${index}].http.paths[${position}]`));
    }
  }
  return errors;
}

const classAnnotation = 'kubernetes.io/ingress.class';

/** Both ways to name a class have to agree, in what is new. */
function classProblems({ metadata, spec }: KubeObject): FieldError[] {
  const annotated = metadata.annotations?.[classAnnotation];
  if (annotated === undefined || !spec?.ingressClassName || annotated === spec.ingressClassName) return [];
  const why = 'must match `ingressClassName` when both are specified';
  return [invalidField(`annotations.${classAnnotation}`, annotated, why)];
}

function hostProblems(host: string, path: string): FieldError[] {
  if (host === '') return [];
  if (isIP(host) !== 0) return [invalidField(path, host, 'must be a DNS name, not an IP address')];
  if (!host.includes('*')) return invalidAt(path, host, subdomainProblems(host));
  if (/^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(host)) return [];
  const rule =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  return [invalidField(path, host, rule)];
}

const forbiddenParts = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenEnds = ['/..', '/.'];

function validatePath({ path = '', pathType, backend }: Fields, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (why: string) => errors.push(invalidField(`${at}.path`, path, why));
  if (!pathType) return [requiredField(`${at}.pathType`, 'pathType must be specified')];
  if (pathType === 'ImplementationSpecific') {
    if (path !== '' && !path.startsWith('/')) refuse('must be an absolute path');
  } else if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!path.startsWith('/')) refuse('must be an absolute path');
    for (const part of forbiddenParts) if (path.includes(part)) refuse(`must not contain '${part}'`);
    for (const end of forbiddenEnds) if (path.endsWith(end)) refuse(`cannot end with '${end}'`);
  } else errors.push(unsupportedField(`${at}.pathType`, pathType, ['Exact', 'ImplementationSpecific', 'Prefix']));
  return [...errors, ...backendProblems(backend ?? {}, `${at}.backend`)];
}

function backendProblems({ service, resource }: Fields, at: string): FieldError[] {
  if (service && resource) return [invalidField(at, '', 'cannot set both resource and service backends')];
  if (resource) return referenceProblems(resource, `${at}.resource`);
  if (!service) return [invalidField(at, '', 'resource or service backend is required')];
  const serviceName: string = service.name ?? '';
  const errors =
    serviceName === ''
      ? [requiredField(`${at}.service.name`)]
      : invalidAt(`${at}.service.name`, serviceName, labelProblems(serviceName));
  const { name, number } = service.port ?? {};
  if (name && number) return [...errors, invalidField(at, '', 'cannot set both port name & port number')];
  if (name) return [...errors, ...invalidAt(`${at}.service.port.name`, name, portNameProblems(name))];
  if (number) return [...errors, ...portProblems(number, `${at}.service.port.number`)];
  return [...errors, requiredField(at, 'port name or number is required')];
}

/** What another object is called that an Ingress or its class refers to. */
function referenceProblems({ apiGroup, kind, name }: Fields, at: string): FieldError[] {
  const named = (field: string, value: string | undefined) =>
    value ? invalidAt(`${at}.${field}`, value, pathSegmentProblems(value)) : [requiredField(`${at}.${field}`)];
  return [
    ...(apiGroup ? invalidAt(`${at}.apiGroup`, apiGroup, subdomainProblems(apiGroup)) : []),
    ...named('kind', kind),
    ...named('name', name),
  ];
}

export const ingressClass: Strategy = {
  validatesMetadataAgain: true,
  generation: 'spec',
  setDefaults({ spec }) {
    if (spec?.parameters) setDefault(spec.parameters, 'scope', 'Cluster');
  },
  validate({ spec }) {
    const controller: string = spec?.controller ?? '';
    const errors = spec?.parameters ? parameterProblems(spec.parameters, 'spec.parameters') : [];
    if (/^[^/]+\/.+$/.test(controller)) return errors;
    const rule = 'must be a domain-prefixed path (such as "acme.io/foo")';
    const problem =
      controller === '' ? requiredField('spec.controller') : invalidField('spec.controller', controller, rule);
    return [problem, ...errors];
  },
  validateUpdate(object, old, context) {
    const errors = ingressClass.validate!(object, context);
    const controller: string = object['spec']?.controller ?? '';
    return controller === (old['spec']?.controller ?? '')
      ? errors
      : [...errors, invalidField('spec.controller', controller, 'field is immutable')];
  },
};

function parameterProblems(parameters: Fields, at: string): FieldError[] {
  const { scope, namespace } = parameters;
  const errors = [...referenceProblems(parameters, at), ...oneOf(`${at}.scope`, scope, ['Cluster', 'Namespace'])];
  if (scope === 'Namespace' && namespace === undefined) {
    errors.push(requiredField(`${at}.namespace`, "`parameters.scope` is set to 'Namespace'"));
  }
  if (scope === 'Cluster' && namespace !== undefined) {
    errors.push(forbiddenField(`${at}.namespace`, "`parameters.scope` is set to 'Cluster'"));
  }
  return errors;
}
