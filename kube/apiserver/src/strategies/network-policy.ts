import { BlockList, isIP } from 'node:net';
import type { Strategy } from '../registry/resource.ts';
import { type FieldError, forbiddenField, invalidField, requiredField } from '../status.ts';
import { type Fields, list, setDefault } from './fields.ts';
import { oneOf } from './one-of.ts';
import { portNameProblems, portProblems } from './port-validation.ts';
import { validateSelector } from './selector-validation.ts';

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
    const types: string[] = spec.policyTypes ?? [];
    return [
      ...validateSelector(spec.podSelector, 'spec.podSelector'),
      ...list(spec.ingress).flatMap((rule, index) => validateRule(rule, `spec.ingress[${index}]`, 'from')),
      ...list(spec.egress).flatMap((rule, index) => validateRule(rule, `spec.egress[${index}]`, 'to')),
      ...types.flatMap((type, index) => oneOf(`spec.policyTypes[${index}]`, type, ['Ingress', 'Egress'])),
    ];
  },
};

function validateRule(rule: Fields, path: string, peers: 'from' | 'to'): FieldError[] {
  return [
    ...list(rule['ports']).flatMap((port, index) => validatePort(port, `${path}.ports[${index}]`)),
    ...list(rule[peers]).flatMap((peer, index) => validatePeer(peer, `${path}.${peers}[${index}]`)),
  ];
}

function validatePort({ port, endPort, protocol }: Fields, path: string): FieldError[] {
  const errors = oneOf(`${path}.protocol`, protocol, ['TCP', 'UDP', 'SCTP']);
  if (typeof port === 'string') {
    errors.push(...portNameProblems(port).map((problem) => invalidField(`${path}.port`, port, problem)));
  } else if (port !== undefined) errors.push(...portProblems(port, `${path}.port`));
  if (endPort === undefined) return errors;
  const why =
    port === undefined
      ? 'may not be specified when `port` is not specified'
      : typeof port === 'string'
        ? 'may not be specified when `port` is non-numeric'
        : endPort < port
          ? 'must be greater than or equal to `port`'
          : undefined;
  return why === undefined
    ? errors
    : [...errors, invalidField(`${path}.endPort`, typeof port === 'number' ? port : endPort, why)];
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: Fields, path: string): FieldError[] {
  const errors = ipBlock ? validateBlock(ipBlock, `${path}.ipBlock`) : [];
  errors.push(
    ...validateSelector(podSelector, `${path}.podSelector`),
    ...validateSelector(namespaceSelector, `${path}.namespaceSelector`),
  );
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(requiredField(path, 'must specify a peer'));
  if (ipBlock && (podSelector || namespaceSelector)) {
    errors.push(forbiddenField(path, 'may not specify both ipBlock and another peer'));
  }
  return errors;
}

function validateBlock({ cidr, except }: Fields, path: string): FieldError[] {
  if (!cidr) return [requiredField(`${path}.cidr`)];
  const errors = cidrProblems(cidr, `${path}.cidr`);
  if (errors.length > 0) return errors;
  for (const [index, part] of list(except).entries()) {
    const at = `${path}.except[${index}]`;
    const own = cidrProblems(String(part), at);
    errors.push(...own);
    if (own.length === 0 && !isStrictSubset(String(part), cidr)) {
      errors.push(invalidField(at, part, 'must be a strict subset of `cidr`'));
    }
  }
  return errors;
}

export function cidrProblems(text: string, path: string): FieldError[] {
  const [address = '', bits = ''] = text.split('/');
  const most = isIP(address) === 4 ? 32 : 128;
  if (isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most) return [];
  return [invalidField(path, text, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
}

function isStrictSubset(inner: string, outer: string): boolean {
  const [address = '', bits = ''] = outer.split('/');
  const [innerAddress = '', innerBits = ''] = inner.split('/');
  if (isIP(address) !== isIP(innerAddress) || Number(innerBits) <= Number(bits)) return false;
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family);
  return block.check(innerAddress, family);
}
