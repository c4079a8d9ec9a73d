import { isIP } from 'node:net';
import { deepEqual } from '@flux/apimachinery';
import { validateLabels } from '../registry/metadata.ts';
import { invalidAt, labelProblems, qualifiedNameProblems, subdomainProblems } from '../registry/names.ts';
import type { Strategy } from '../registry/resource.ts';
import { duplicateField, type FieldError, invalidField, requiredField } from '../status.ts';
import { addressProblems } from './address-validation.ts';
import { type Fields, list, setDefaults } from './fields.ts';
import { oneOf } from './one-of.ts';
import { innerAddressProblems } from './service-rules.ts';

export const endpointSlice: Strategy = {
  generation: 'object',
  setDefaults({ ports }) {
    for (const port of list(ports)) setDefaults(port, { name: '', protocol: 'TCP' });
  },
  validate: (object) => validateSlice(object),
  validateUpdate(object, old) {
    const { addressType, endpoints } = object;
    // Endpoints that were stored once stay as they are.
    const isUnchanged = deepEqual(endpoints, old['endpoints']);
    const errors = validateSlice(isUnchanged ? { ...object, endpoints: [] } : object);
    if (addressType !== old['addressType']) errors.push(invalidField('addressType', addressType, 'field is immutable'));
    return errors;
  },
};

function validateSlice({ addressType, endpoints, ports }: Fields): FieldError[] {
  return [
    ...(addressType ? oneOf('addressType', addressType, ['FQDN', 'IPv4', 'IPv6']) : [requiredField('addressType')]),
    ...validatePorts(list(ports)),
    ...list(endpoints).flatMap((endpoint, index) => validateEndpoint(endpoint, addressType, `endpoints[${index}]`)),
  ];
}

function validatePorts(ports: readonly Fields[]): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap(({ name = '', protocol, appProtocol }, index) => {
    const at = `ports[${index}]`;
    const errors = name === '' ? [] : invalidAt(`${at}.name`, name, labelProblems(name));
    if (names.has(name)) errors.push(duplicateField(`${at}.name`, name));
    names.add(name);
    errors.push(...oneOf(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']));
    if (appProtocol) errors.push(...invalidAt(`${at}.appProtocol`, appProtocol, qualifiedNameProblems(appProtocol)));
    return errors;
  });
}

function validateEndpoint(endpoint: Fields, type: string, path: string): FieldError[] {
  const addresses = list(endpoint['addresses']) as unknown as string[];
  const { hostname, nodeName, deprecatedTopology } = endpoint;
  return [
    ...(addresses.length === 0 ? [requiredField(`${path}.addresses`, 'must contain at least 1 address')] : []),
    ...addresses.flatMap((address, index) => validateAddress(address, type, `${path}.addresses`, index)),
    ...(nodeName ? invalidAt(`${path}.nodeName`, nodeName, subdomainProblems(nodeName)) : []),
    ...validateLabels(deprecatedTopology, `${path}.deprecatedTopology`),
    ...(hostname === undefined ? [] : invalidAt(`${path}.hostname`, hostname, labelProblems(hostname))),
  ];
}

function validateAddress(address: string, type: string, path: string, index: number): FieldError[] {
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  const at = `${path}[${index}]`;
  const problems = addressProblems(address, at);
  if (problems.length > 0) return problems;
  const isOther = isIP(address) !== (type === 'IPv4' ? 4 : 6);
  return [
    ...(isOther ? [invalidField(path, address, `must be an ${type} address`)] : []),
    ...innerAddressProblems(address, at),
  ];
}
