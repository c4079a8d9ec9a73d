import type { KubeObject } from '@flux/apimachinery';
import { invalidAt, labelProblems, qualifiedNameProblems, subdomainProblems } from '../registry/names.ts';
import type { Strategy, StrategyContext } from '../registry/resource.ts';
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  GoStructValue,
  invalidField,
  requiredField,
} from '../status.ts';
import { type Fields, list, setDefault, setDefaults } from './fields.ts';
import { cidrProblems } from './network-policy.ts';
import { oneOf } from './one-of.ts';
import { portNameProblems, portProblems } from './port-validation.ts';
import { validateTraffic } from './service-rules.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

export const service: Strategy = {
  validatesMetadataAgain: true,
  nameRule: 'label',
  answersDeletedObject: true,
  setDefaults({ spec }) {
    setDefaults(spec, { type: 'ClusterIP', sessionAffinity: 'None' });
    if (spec.sessionAffinity === 'ClientIP') {
      setDefault(spec, 'sessionAffinityConfig', {});
      setDefault(spec.sessionAffinityConfig, 'clientIP', {});
      setDefault(spec.sessionAffinityConfig.clientIP, 'timeoutSeconds', 10800);
    }
    for (const port of list(spec.ports)) {
      setDefault(port, 'protocol', 'TCP');
      if (!port['targetPort']) port['targetPort'] = port['port'];
    }
    if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') setDefault(spec, 'externalTrafficPolicy', 'Cluster');
    if (spec.type !== 'ExternalName') setDefault(spec, 'internalTrafficPolicy', 'Cluster');
    if (spec.type === 'LoadBalancer') setDefault(spec, 'allocateLoadBalancerNodePorts', true);
  },
  prepareForCreate(object, _context) {
    object['status'] = { loadBalancer: {} };
    if (object['spec'].type === 'ExternalName') return dropCluster(object['spec']);
    syncClusterIPs(object['spec'], undefined);
  },
  prepareForUpdate(object, old) {
    const { spec } = object;
    if (spec.type === 'ExternalName') {
      if (spec.clusterIP === old['spec'].clusterIP) dropCluster(spec);
      return;
    }
    keepAllocated(spec, old['spec']);
    syncClusterIPs(spec, old['spec']);
  },
  validate(object, context) {
    const errors = validateService(object['spec']);
    if (errors.length === 0) errors.push(...allocate(object, context));
    return errors;
  },
  validateUpdate(object, old, context) {
    const errors = [...validateService(object['spec']), ...immutableAddress(object['spec'], old['spec'])];
    if (errors.length === 0) errors.push(...allocate(object, context));
    return errors;
  },
  validateStatusUpdate({ spec, status }) {
    if (spec.type === 'LoadBalancer' || !list(status?.loadBalancer?.ingress).length) return [];
    return [forbiddenField('status.loadBalancer.ingress', "may only be used when `spec.type` is 'LoadBalancer'")];
  },
  warnings({ spec }) {
    const ignored = spec.externalName && spec.type !== 'ExternalName';
    return ignored ? ['spec.externalName is ignored when spec.type is not "ExternalName"'] : [];
  },
  selectableFields: ({ spec }) => ({ 'spec.clusterIP': spec.clusterIP ?? '', 'spec.type': spec.type ?? '' }),
};

function dropCluster(spec: Fields): void {
  for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'])
    delete spec[field];
}

function syncClusterIPs(spec: Fields, old: Fields | undefined): void {
  if (spec['clusterIP'] && !list(spec['clusterIPs']).length) spec['clusterIPs'] = [spec['clusterIP']];
  else if (old && spec['clusterIP'] !== old['clusterIP'] && spec['clusterIP']) spec['clusterIPs'] = [spec['clusterIP']];
}

/** PUT without addresses and ports keeps those that were allocated. */
function keepAllocated(spec: Fields, old: Fields): void {
  if (old['type'] === 'ExternalName') return;
  if (!spec['clusterIP'] && old['clusterIP']) spec['clusterIP'] = old['clusterIP'];
  if (!list(spec['clusterIPs']).length && old['clusterIPs'] && spec['clusterIP'] === old['clusterIP'])
    spec['clusterIPs'] = old['clusterIPs'];
  for (const field of ['ipFamilies', 'ipFamilyPolicy'])
    if (spec[field] === undefined && old[field] !== undefined) spec[field] = old[field];
  if (spec['type'] !== 'NodePort' && spec['type'] !== 'LoadBalancer') {
    dropNodePorts(spec, old);
    return;
  }
  for (const port of list(spec['ports'])) {
    const before = list(old['ports']).find(
      (item) => item['port'] === port['port'] && item['protocol'] === port['protocol'],
    );
    if (!port['nodePort'] && before?.['nodePort']) port['nodePort'] = before['nodePort'];
  }
}

function dropNodePorts(spec: Fields, old: Fields): void {
  const before = new Set(list(old['ports']).map(({ nodePort }) => nodePort));
  for (const port of list(spec['ports'])) if (before.has(port['nodePort'])) delete port['nodePort'];
  delete spec['externalTrafficPolicy'];
  delete spec['allocateLoadBalancerNodePorts'];
}

function validateService(spec: Fields): FieldError[] {
  const errors = oneOf('spec.type', spec['type'], types);
  const isHeadless = spec['clusterIP'] === 'None';
  const isExternal = spec['type'] === 'ExternalName';
  if (!list(spec['ports']).length && !isHeadless && !isExternal) errors.push(requiredField('spec.ports'));
  if (isExternal) {
    const name: string = spec['externalName'] ?? '';
    if (!name) errors.push(requiredField('spec.externalName'));
    else errors.push(...invalidAt('spec.externalName', name, subdomainProblems(name.replace(/\.$/, ''))));
  }
  if (isHeadless && ['NodePort', 'LoadBalancer'].includes(spec['type'])) {
    const shown = spec['type'] === 'NodePort' ? 'NodePort' : 'LoadBalancer';
    errors.push(invalidField('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${shown} services`));
  }
  errors.push(...validatePorts(spec));
  for (const [index, address] of (spec['externalIPs'] ?? []).entries()) {
    errors.push(...addressProblems(address, `spec.externalIPs[${index}]`));
  }
  for (const [index, range] of (spec['loadBalancerSourceRanges'] ?? []).entries()) {
    errors.push(...cidrProblems(range, `spec.LoadBalancerSourceRanges[${index}]`));
  }
  const policy = spec['externalTrafficPolicy'];
  if (policy) errors.push(...oneOf('spec.externalTrafficPolicy', policy, ['Cluster', 'Local']));
  errors.push(...oneOf('spec.sessionAffinity', spec['sessionAffinity'], ['ClientIP', 'None']));
  return [...errors, ...validateTraffic(spec)];
}

function validatePorts(spec: Fields): FieldError[] {
  const errors: FieldError[] = [];
  const ports = list(spec['ports']);
  const names = new Set<string>();
  const pairs = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const at = `spec.ports[${index}]`;
    const pair = `${port['protocol']} ${port['port']}`;
    if (pairs.has(pair)) errors.push(duplicateField(at, shownPort(port)));
    pairs.add(pair);
    if (ports.length > 1 && !port['name']) errors.push(requiredField(`${at}.name`));
    else if (port['name']) {
      if (names.has(port['name'])) errors.push(duplicateField(`${at}.name`, port['name']));
      names.add(port['name']);
      errors.push(...invalidAt(`${at}.name`, port['name'], labelProblems(port['name'])));
    }
    if (port['appProtocol']) {
      errors.push(...invalidAt(`${at}.appProtocol`, port['appProtocol'], qualifiedNameProblems(port['appProtocol'])));
    }
    errors.push(...portProblems(port['port'], `${at}.port`));
    errors.push(...oneOf(`${at}.protocol`, port['protocol'], ['SCTP', 'TCP', 'UDP']));
    if (typeof port['targetPort'] === 'string') {
      const name: string = port['targetPort'];
      errors.push(...portNameProblems(name).map((problem) => invalidField(`${at}.targetPort`, name, problem)));
    }
    if (typeof port['targetPort'] === 'number') errors.push(...portProblems(port['targetPort'], `${at}.targetPort`));
  }
  return errors;
}

/** The part of a port that must be unique, as Go's internal type prints it. */
function shownPort({ protocol, port }: Fields): GoStructValue {
  return new GoStructValue({
    Name: '',
    Protocol: protocol,
    AppProtocol: null,
    Port: port,
    TargetPort: 0,
    NodePort: 0,
  });
}

function addressProblems(address: string, path: string): FieldError[] {
  const parts = address.split('.');
  const isNumeric = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
  if (isNumeric && parts.some((part) => part.length > 1 && part.startsWith('0'))) {
    return [invalidField(path, address, 'must not have leading 0s')];
  }
  if (isNumeric || (address.includes(':') && /^[0-9a-fA-F:.]+$/.test(address))) return [];
  return [invalidField(path, address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
}

function immutableAddress(spec: Fields, old: Fields): FieldError[] {
  const before: string[] = old['clusterIPs'] ?? [];
  if (old['type'] === 'ExternalName' || spec['type'] === 'ExternalName' || before.length === 0) return [];
  if (spec['clusterIP'] === old['clusterIP']) return [];
  const after: string[] = spec['clusterIPs'] ?? [];
  return [invalidField('spec.clusterIPs[0]', after, 'may not change once set')];
}

/** Where addresses of services come from. */
export const serviceRange = '10.0.0.0/16';
const addressPattern = /^10\.0\.(\d{1,3})\.(\d{1,3})$/;
const nodePortRange = { first: 30000, last: 32767 };

/** Gives the service what it lacks: families, a cluster address, node ports. */
function allocate(object: KubeObject, { api }: StrategyContext): FieldError[] {
  const spec = object['spec'] as Fields;
  if (spec['type'] === 'ExternalName') return [];
  const others = api.list('', 'services').filter(({ metadata }) => metadata.uid !== object.metadata.uid);
  const isHeadless = spec['clusterIP'] === 'None';
  const isSelectorless = isHeadless && !Object.keys(spec['selector'] ?? {}).length;
  if (spec['ipFamilyPolicy'] === undefined)
    spec['ipFamilyPolicy'] = isSelectorless ? 'RequireDualStack' : 'SingleStack';
  if (spec['ipFamilies'] === undefined) spec['ipFamilies'] = isSelectorless ? ['IPv4', 'IPv6'] : ['IPv4'];
  const errors = isHeadless ? [] : allocateAddress(spec, others);
  if (spec['type'] === 'LoadBalancer' && spec['externalTrafficPolicy'] === 'Local') {
    setDefault(spec, 'healthCheckNodePort', freePort(usedPorts(others)));
  }
  if (
    spec['type'] === 'NodePort' ||
    (spec['type'] === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false)
  ) {
    errors.push(...allocateNodePorts(spec, others));
  }
  return errors;
}

function allocateAddress(spec: Fields, others: readonly KubeObject[]): FieldError[] {
  const used = new Set(others.map((item) => item['spec']?.clusterIP));
  const wanted: string | undefined = spec['clusterIP'];
  if (wanted) {
    const at = 'spec.clusterIPs';
    if (!isInRange(wanted)) {
      const range = 'the provided network does not match the current range';
      return [invalidField(at, [wanted], `failed to allocate IP ${wanted}: ${range}`)];
    }
    if (used.has(wanted))
      return [invalidField(at, [wanted], `failed to allocate IP ${wanted}: provided IP is already allocated`)];
    return [];
  }
  const free = firstFree(used);
  if (!free)
    return [
      { type: 'InternalError', field: 'spec.clusterIPs', detail: 'failed to allocate a serviceIP: range is full' },
    ];
  spec['clusterIP'] = free;
  spec['clusterIPs'] = [free];
  return [];
}

/** Neither the address of the network nor that of its broadcasts. */
function isInRange(address: string): boolean {
  const [, third, fourth] = addressPattern.exec(address) ?? [];
  if (third === undefined || fourth === undefined || Number(third) > 255 || Number(fourth) > 255) return false;
  return address !== '10.0.0.0' && address !== '10.0.255.255';
}

/** The range 10.0.0.0/24 first, then its larger surroundings, so that big clusters fit. */
function firstFree(used: ReadonlySet<string>): string | undefined {
  for (let third = 0; third < 256; third++) {
    for (let fourth = third === 0 ? 2 : 0; fourth < 255; fourth++) {
      const address = `10.0.${third}.${fourth}`;
      if (!used.has(address)) return address;
    }
  }
  return undefined;
}

function allocateNodePorts(spec: Fields, others: readonly KubeObject[]): FieldError[] {
  const errors: FieldError[] = [];
  const used = usedPorts(others);
  for (const [index, port] of list(spec['ports']).entries()) {
    const at = `spec.ports[${index}].nodePort`;
    const wanted = port['nodePort'];
    if (wanted) {
      if (wanted < nodePortRange.first || wanted > nodePortRange.last) {
        errors.push(
          invalidField(at, wanted, 'provided port is not in the valid range. The range of valid ports is 30000-32767'),
        );
      } else if (used.has(wanted)) errors.push(invalidField(at, wanted, 'provided port is already allocated'));
    } else {
      port['nodePort'] = freePort(used);
    }
    used.add(port['nodePort']);
  }
  return errors;
}

function usedPorts(services: readonly KubeObject[]): Set<unknown> {
  return new Set(
    services.flatMap(({ spec }) => [spec?.healthCheckNodePort, ...list(spec?.ports).map(({ nodePort }) => nodePort)]),
  );
}

function freePort(used: ReadonlySet<unknown>): number {
  let port = nodePortRange.first;
  while (used.has(port)) port++;
  return port;
}
