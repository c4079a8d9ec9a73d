import { issuer } from '../auth/tokens.ts';
import { methodNotAllowed } from '../status.ts';
import { type HealthEndpoint, healthChecks } from './health-checks.table.ts';
import { type ApiRequest, type ApiResponse, objectResponse, textResponse } from './messages.ts';
import type { SpecialParts } from './special-endpoints.ts';

/** What the server says of itself at /version, unless it is told to say something else. */
const ownVersion = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.3',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: `node${process.versions.node}`,
  compiler: 'node',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
};

/** Paths that are neither resources nor discovery. */
export function servePlainPath(request: ApiRequest, parts: SpecialParts): ApiResponse {
  const { path } = request;
  const [, endpoint = '', check] = /^\/(\w+)(?:\/(.*))?$/.exec(path) ?? [];
  if (isHealthEndpoint(endpoint)) return serveHealth(request, endpoint, check);
  const document = documentOf(path, parts);
  if (document === undefined) return textResponse(404, '404 page not found\n');
  if (request.method !== 'GET') throw methodNotAllowed();
  return objectResponse(200, document);
}

function documentOf(path: string, parts: SpecialParts): unknown {
  switch (path) {
    case '/version':
    case '/version/':
      return { ...ownVersion, ...parts.version };
    case '/':
    case '':
      return { paths: rootPaths(parts) };
    case '/.well-known/openid-configuration':
      return {
        issuer,
        jwks_uri: `${parts.url()}/openid/v1/jwks`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      };
    case '/openid/v1/jwks':
      return { keys: [parts.tokens.jwk] };
    default:
      return undefined;
  }
}

function rootPaths({ groups }: SpecialParts): string[] {
  const paths = [
    '/.well-known/openid-configuration',
    '/api',
    '/api/v1',
    '/apis',
    '/apis/',
    '/openapi/v2',
    '/openapi/v3',
    '/openid/v1/jwks',
    '/version',
  ];
  for (const { name, versions } of groups()) {
    if (name === '') continue;
    paths.push(`/apis/${name}`, ...versions.map((item) => `/apis/${name}/${item}`));
  }
  for (const [endpoint, checks] of Object.entries(healthChecks)) {
    paths.push(`/${endpoint}`, ...checks.map((check) => `/${endpoint}/${check}`));
  }
  return paths.sort();
}

function isHealthEndpoint(name: string): name is HealthEndpoint {
  return Object.hasOwn(healthChecks, name);
}

function serveHealth(request: ApiRequest, endpoint: HealthEndpoint, check: string | undefined): ApiResponse {
  const checks = healthChecks[endpoint];
  if (check) {
    return checks.includes(check) ? textResponse(200, 'ok') : textResponse(404, '404 page not found\n');
  }
  if (!request.query.has('verbose')) return textResponse(200, 'ok');
  const excluded = new Set(request.query.get('exclude') ?? []);
  const lines = checks.map((name) => `[+]${name} ${excluded.has(name) ? 'excluded: ok' : 'ok'}`);
  return textResponse(200, `${lines.join('\n')}\n${endpoint} check passed\n`);
}
