import type { KubeObject } from '@flux/apimachinery';
import { type Fields, list } from '../strategies/fields.ts';
import { age, formatLabels, type Print, someOf } from './cells.ts';
import { shorten } from './metrics.ts';

export const service: Print = (object, now) => {
  const { spec, metadata } = object;
  const ports = list(spec.ports).map(({ port, nodePort, protocol }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return [
    metadata.name,
    spec.type,
    spec.clusterIPs?.[0] ?? '<none>',
    externalAddress(object),
    ports.join(',') || '<none>',
    age(object, now),
    formatLabels(spec.selector),
  ];
};

function balancerAddresses(status: Fields | undefined): string[] {
  return list(status?.['loadBalancer']?.ingress)
    .map(({ ip, hostname }) => ip || hostname)
    .filter(Boolean)
    .sort();
}

function externalAddress({ spec, status }: KubeObject): string {
  const extra: string[] = spec.externalIPs ?? [];
  switch (spec.type) {
    case 'ExternalName':
      return spec.externalName;
    case 'LoadBalancer': {
      const shown = shorten(balancerAddresses(status).join(','), 16);
      const all = [...(shown ? shown.split(',') : []), ...extra];
      return all.join(',') || '<pending>';
    }
    default:
      return extra.join(',') || '<none>';
  }
}

export const ingress: Print = (object, now) => {
  const { spec = {}, status, metadata } = object;
  const hosts = list(spec.rules).map(({ host }) => host || '*');
  const shown =
    hosts.length > 3 ? `${hosts.slice(0, 3).join(',')} + ${hosts.length - 3} more...` : hosts.join(',') || '*';
  const address = shorten(balancerAddresses(status).join(','), 16);
  return [
    metadata.name,
    spec.ingressClassName ?? '<none>',
    shown,
    address,
    list(spec.tls).length ? '80, 443' : '80',
    age(object, now),
  ];
};

export const endpoints: Print = (object, now) => {
  const shown: string[] = [];
  for (const { addresses, ports } of list(object['subsets'])) {
    for (const { ip } of list(addresses)) {
      if (!list(ports).length) shown.push(ip);
      for (const { port } of list(ports)) shown.push(ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);
    }
  }
  return [object.metadata.name, someOf(shown, '<none>'), age(object, now)];
};

export const endpointSlice: Print = (object, now) => {
  const ports = list(object['ports']).map(({ port, name }) => port ?? name ?? '*');
  const addresses = list(object['endpoints']).flatMap((item) => list(item['addresses']));
  return [
    object.metadata.name,
    object['addressType'],
    someOf(ports, '<unset>'),
    someOf(addresses, '<unset>'),
    age(object, now),
  ];
};

export const ingressClass: Print = (object, now) => {
  const isDefault = object.metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true';
  const { parameters, controller } = object['spec'] ?? {};
  const shown = parameters
    ? `${parameters.kind}${parameters.apiGroup === undefined ? '' : `.${parameters.apiGroup}`}/${parameters.name}`
    : '<none>';
  return [
    isDefault ? `${object.metadata.name} (default)` : object.metadata.name,
    controller ?? '',
    shown,
    age(object, now),
  ];
};
