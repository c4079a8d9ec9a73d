import { BlockList, isIP } from 'node:net';

let privateNetworks: BlockList | undefined;

/** Addresses inside a cluster or of a cloud's metadata service: never a place to be sent to by a registry. */
function isPrivateAddress(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  if (family === 0) return address === 'localhost' || address.endsWith('.localhost');
  privateNetworks ??= makePrivateNetworks();
  return privateNetworks.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function makePrivateNetworks(): BlockList {
  const list = new BlockList();
  list.addSubnet('0.0.0.0', 8, 'ipv4');
  list.addSubnet('10.0.0.0', 8, 'ipv4');
  list.addSubnet('127.0.0.0', 8, 'ipv4');
  list.addSubnet('169.254.0.0', 16, 'ipv4');
  list.addSubnet('172.16.0.0', 12, 'ipv4');
  list.addSubnet('192.168.0.0', 16, 'ipv4');
  list.addSubnet('224.0.0.0', 24, 'ipv4');
  list.addAddress('::', 'ipv6');
  list.addAddress('::1', 'ipv6');
  list.addSubnet('fe80::', 10, 'ipv6');
  list.addSubnet('fc00::', 7, 'ipv6');
  list.addSubnet('ff02::', 16, 'ipv6');
  return list;
}

/**
 * Why a token server may not be asked, as oras-go checks it: the registry names it, and the credentials go there. A private
 * address is right only where the registry has the same.
 */
export function refuseRealm(realm: string, registry: URL): string | undefined {
  if (!URL.canParse(realm)) return `failed to parse bearer realm "${realm}"`;
  const url = new URL(realm);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return `bearer realm "${realm}" uses unsupported scheme "${url.protocol.slice(0, -1)}"`;
  }
  if (url.protocol === 'http:' && registry.protocol === 'https:') {
    return `bearer realm "${realm}" uses http but registry was contacted over https`;
  }
  if (url.hostname === registry.hostname || !isPrivateAddress(url.hostname)) return undefined;
  return `bearer realm host "${url.hostname}" is a loopback, link-local, private, or unspecified address`;
}

/** Why a redirect is not followed: it would lead a public registry's client to an address inside. */
export function refuseRedirect(from: URL, to: URL): string | undefined {
  if (to.hostname === from.hostname || isPrivateAddress(from.hostname) || !isPrivateAddress(to.hostname))
    return undefined;
  return `refused to follow a redirect to the private address "${to.hostname}"`;
}
