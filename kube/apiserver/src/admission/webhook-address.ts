import { type KubeObject, labelSelectorFromObject } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import type { Api } from '../registry/api.ts';
import { type Fields, list } from '../strategies/fields.ts';
import type { WebhookAddress } from './webhook-client.ts';

/** A Service gives no address to call. */
class ServiceAddressError extends FluxError {
  override readonly code = 'SERVICE_ADDRESS';
}

/** The URL of a webhook as messages show it. */
export function urlOf({ url, service }: Fields): string {
  if (typeof url === 'string') return url;
  const { namespace, name, path = '', port = 443 } = service as Fields;
  return `https://${name}.${namespace}.svc:${port}${path}`;
}

/**
 * Turns `clientConfig` into an address. A Service is looked up as kube-proxy would: its ExternalName, or an address of its
 * EndpointSlices or Endpoints. Undefined when only simulated pods are behind the Service, for these run no webhook.
 */
export function findAddress(api: Api, config: Fields): WebhookAddress | undefined {
  const url = new URL(urlOf(config));
  const serverName = url.hostname.replace(/^\[|\]$/g, '');
  const path = url.pathname;
  if (!config['service']) return { serverName, path, host: serverName, port: Number(url.port || 443) };
  const { namespace, name, port = 443 } = config['service'] as Fields;
  const endpoint = findEndpoint(api, { namespace, name, port });
  return endpoint && { serverName, path, ...endpoint };
}

type Endpoint = Pick<WebhookAddress, 'host' | 'port'>;

interface ServicePort {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

function findEndpoint(api: Api, target: ServicePort): Endpoint | undefined {
  const { namespace, name, port } = target;
  const service = api.find('', 'services', namespace, name);
  if (!service) throw new ServiceAddressError(`service ${JSON.stringify(name)} not found`);
  const spec: Fields = service['spec'] ?? {};
  if (spec['type'] === 'ExternalName') return { host: String(spec['externalName']), port };
  const found = list(spec['ports']).find((item) => item['port'] === port);
  if (!found) {
    throw new ServiceAddressError(`no service port ${port} found for service ${JSON.stringify(name)}`);
  }
  const endpoint = readyEndpoint(api, target, found['name'] ?? '');
  if (endpoint) return endpoint;
  if (selectedPods(api, namespace, spec['selector']).some((pod) => isSimulated(api, pod))) return undefined;
  throw new ServiceAddressError(`no endpoints available for service ${JSON.stringify(name)}`);
}

function readyEndpoint(api: Api, { namespace, name }: ServicePort, portName: string): Endpoint | undefined {
  const answers = ({ targetRef }: Fields) => {
    const pod = targetRef?.kind === 'Pod' ? api.find('', 'pods', namespace, targetRef.name) : undefined;
    return pod === undefined || !isSimulated(api, pod);
  };
  for (const slice of api.list('discovery.k8s.io', 'endpointslices', namespace)) {
    if (slice.metadata.labels?.['kubernetes.io/service-name'] !== name) continue;
    const ready = list(slice['endpoints']).find((item) => item['conditions']?.ready !== false && answers(item));
    const host = ready?.['addresses']?.[0];
    const port = portNumber(slice['ports'], portName);
    if (port !== undefined && host) return { host: String(host), port };
  }
  for (const subset of list(api.find('', 'endpoints', namespace, name)?.['subsets'])) {
    const host = list(subset['addresses']).find(answers)?.['ip'];
    const port = portNumber(subset['ports'], portName);
    if (port !== undefined && host) return { host: String(host), port };
  }
  return undefined;
}

function portNumber(ports: unknown, name: string): number | undefined {
  return list(ports).find((port) => (port['name'] ?? '') === name)?.['port'];
}

function selectedPods(api: Api, namespace: string, selector: Fields | undefined): KubeObject[] {
  if (!selector || Object.keys(selector).length === 0) return [];
  const wanted = labelSelectorFromObject({ matchLabels: selector });
  return api.list('', 'pods', namespace).filter(({ metadata }) => wanted.matches(metadata.labels));
}

/** Runs nothing: it has no node, or the one that this server plays. */
function isSimulated(api: Api, { spec }: KubeObject): boolean {
  const node = spec?.nodeName ? api.find('', 'nodes', undefined, spec.nodeName) : undefined;
  return node === undefined || String(node['status']?.nodeInfo?.containerRuntimeVersion).startsWith('simulated:');
}
