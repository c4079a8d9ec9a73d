import { homedir } from 'node:os';
import { join } from 'node:path';
import { boolFlag, durationFlag, type FlagValues, intFlag, repeatedFlag, stringFlag } from './command/flag.ts';

/** Flags of every command (spec cli 1.2). */
export const globalFlags = {
  as: stringFlag(
    'Username to impersonate for the operation. User could be a regular user or a service account in a namespace.',
  ),
  'as-group': repeatedFlag(
    'Group to impersonate for the operation, this flag can be repeated to specify multiple groups.',
  ),
  'as-uid': stringFlag('UID to impersonate for the operation.'),
  'as-user-extra': repeatedFlag(
    'User extras to impersonate for the operation, this flag can be repeated to specify multiple values for the same key.',
  ),
  'cache-dir': stringFlag('Default cache directory', {
    // what homedir() says, without loading its module
    default: join(process.env['HOME'] || homedir(), '.kube', 'cache'),
  }),
  'certificate-authority': stringFlag(
    'Path to a cert file for the certificate authority to authenticate the Kubernetes API server',
  ),
  'client-certificate': stringFlag(
    'Path to a client certificate file for TLS authentication to the Kubernetes API server',
  ),
  'client-key': stringFlag('Path to a client key file for TLS authentication to the Kubernetes API server'),
  cluster: stringFlag('The name of the kubeconfig cluster to use'),
  context: stringFlag('The name of the kubeconfig context to use'),
  'disable-compression': boolFlag('If true, opt-out of response compression for all requests to the server'),
  'insecure-skip-tls-verify': boolFlag(
    "If true, the Kubernetes API server's certificate will not be checked for validity. This will make your HTTPS connections insecure",
  ),
  'kube-api-burst': intFlag('The maximum burst queries-per-second of requests sent to the Kubernetes API.', {
    default: 300,
  }),
  'kube-api-qps': intFlag('The maximum queries-per-second of requests sent to the Kubernetes API.', {
    default: 50,
    typeName: 'float32',
  }),
  kubeconfig: stringFlag('Path to the kubeconfig file to use for CLI requests.'),
  namespace: stringFlag('If present, the namespace scope for this CLI request', { short: 'n', default: 'flux-system' }),
  'ns-follows-kube-context': boolFlag(
    'use the namespace from the kubeconfig context instead of the default flux-system namespace, can also be set via FLUX_NS_FOLLOWS_KUBE_CONTEXT env var',
  ),
  server: stringFlag('The address and port of the Kubernetes API server'),
  timeout: durationFlag('timeout for this operation', { default: '5m0s' }),
  'tls-server-name': stringFlag(
    'Server name to use for server certificate validation. If it is not provided, the hostname used to contact the server is used',
  ),
  token: stringFlag('Bearer token for authentication to the API server'),
  user: stringFlag('The name of the kubeconfig user to use'),
  verbose: boolFlag('print generated objects'),
};

export type GlobalFlags = FlagValues<typeof globalFlags>;
