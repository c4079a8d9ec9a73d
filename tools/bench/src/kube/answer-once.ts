import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that costs next to nothing: discovery of ConfigMaps, and always the same one. */
const resources = [
  { resource: 'configmaps', responseKind: { kind: 'ConfigMap' }, scope: 'Namespaced', verbs: ['get'] },
];
const discovery = JSON.stringify({
  kind: 'APIGroupDiscoveryList',
  items: [{ metadata: { name: '' }, versions: [{ version: 'v1', resources }] }],
});
const object = JSON.stringify({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name: 'a', namespace: 'bench', uid: '7f2c6d1e-1111-4222-8333-444455556666', resourceVersion: '12345' },
  data: { value: 'x'.repeat(700) },
});
const server = createServer((request, response) => {
  const isDiscovery = request.url === '/api' || request.url === '/apis';
  const version = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  response.writeHead(200, { 'content-type': isDiscovery ? version : 'application/json' });
  response.end(isDiscovery ? discovery : object);
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit(0));
