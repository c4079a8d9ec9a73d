import { existsSync, readdirSync, readFileSync } from 'node:fs';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  deepEqual,
  type JsonValue,
  type KubeObject,
  normalizeTyped,
  parseApiVersion,
  StatusError,
} from '@flux/apimachinery';
import { describe, expect, test } from 'vitest';
import { builtinSchema } from './index.ts';

const folder = new URL('../../../tools/conformance/cases/kube-api/transcripts/', import.meta.url);

interface Step {
  n: number;
  request?: {
    method: string;
    path: string;
    headers?: Record<string, string>;
    query?: Record<string, string>;
    body?: JsonValue;
  };
  response?: { status: number; body?: KubeObject; bodySubset?: boolean };
}

interface Outcome {
  step: string;
  want: unknown;
  got: unknown;
}

/** Metadata that the server changes on its own after a patch. */
const serverMetadata = ['managedFields', 'resourceVersion', 'generation', 'creationTimestamp'];

function comparable(object: KubeObject): unknown {
  const metadata = Object.entries(object.metadata ?? {}).filter(([key]) => !serverMetadata.includes(key));
  return { ...object, metadata: Object.fromEntries(metadata) };
}

/** Where `patched` says something that the answer does not; the answer may say more, which the server added as defaults. */
function differences(patched: unknown, answer: unknown, path = ''): string[] {
  if (typeof patched !== 'object' || patched === null)
    return patched === null || deepEqual(patched, answer) ? [] : [path];
  if (Array.isArray(patched)) {
    if (!Array.isArray(answer) || answer.length !== patched.length) return [path];
    return patched.flatMap((item, index) => differences(item, answer[index], `${path}[${index}]`));
  }
  const members = (answer ?? {}) as Record<string, unknown>;
  return Object.entries(patched).flatMap(([key, value]) => differences(value, members[key], `${path}.${key}`));
}

function applyPatch(type: string, live: KubeObject, patch: JsonValue): JsonValue {
  const document = live as unknown as JsonValue;
  if (type.startsWith('application/json-patch')) return applyJsonPatch(document, patch);
  if (type.startsWith('application/merge-patch')) return applyMergePatch(document, patch);
  const schema = builtinSchema({ ...parseApiVersion(live.apiVersion), kind: live.kind });
  return applyStrategicMergePatch(document, patch, schema ?? {});
}

/** What a patch gives, or the message of its refusal. */
function outcomeOf(step: string, live: KubeObject, { request, response }: Step): Outcome | undefined {
  const want = response?.body;
  if (want === undefined || request?.body === undefined) return undefined;
  const type = request.headers?.['Content-Type'] ?? '';
  try {
    const patched = applyPatch(type, live, request.body);
    if (want.kind === 'Status') return undefined;
    const schema = builtinSchema({ ...parseApiVersion(want.apiVersion), kind: want.kind });
    const got = schema === undefined ? patched : normalizeTyped(patched, schema);
    return { step, want: [], got: differences(comparable(got as unknown as KubeObject), comparable(want)) };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { step, want: [response?.status, want['message']], got: [error.statusCode, error.status.message] };
  }
}

function replay(name: string): Outcome[] {
  const { steps } = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as { steps: Step[] };
  const live = new Map<string, KubeObject>();
  return steps.flatMap((step) => {
    const { request, response, n } = step;
    if (request === undefined || response === undefined) return [];
    const body = response.body;
    const key =
      request.method === 'POST' && body?.metadata
        ? `${request.path}/${body.metadata.name}`
        : request.path.replace(/\/status$/, '');
    const before = live.get(key);
    const type = request.headers?.['Content-Type'] ?? '';
    const isPatch =
      request.method === 'PATCH' && /json-patch|merge-patch/.test(type) && !request.path.endsWith('/scale');
    const outcome = isPatch && before && !response.bodySubset ? outcomeOf(`${name}#${n}`, before, step) : undefined;
    if (body?.metadata?.uid && !request.query?.['dryRun'] && !request.path.endsWith('/scale')) live.set(key, body);
    else if (isPatch && response.bodySubset && before && request.body !== undefined && response.status === 200) {
      const patched = applyPatch(type, before, request.body) as unknown as KubeObject;
      const { strategy, template } = body as unknown as Record<string, JsonValue>;
      live.set(key, { ...patched, spec: { ...patched['spec'], strategy, template } });
      const got = differences(
        { strategy: patched['spec'].strategy, template: patched['spec'].template },
        { strategy, template },
      );
      return [{ step: `${name}#${n} spec`, want: [], got }];
    }
    return outcome ?? [];
  });
}

const names = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => !/^(kubectl|ctl)-/.test(file))
      .map((file) => file.slice(0, -5))
  : [];

/** Patches whose result the server changes further, with what it does. */
const needsServer: Record<string, string> = {
  'crd-generate-labels-flux#17': 'the empty finalizers end the object',
  'crd-pruning#12': 'pruning',
  'crd-update#14': 'the status that the server writes on its own',
  'crud-daemonset-replicaset#4': 'the generation annotation of DaemonSets',
  'crud-namespace#3': 'the name label of namespaces',
  'crud-pod#11': 'the answer of an earlier step was only kept in part',
  'secret-stringdata#4': 'stringData moves into data',
  'secret-stringdata#5': 'stringData moves into data',
  'service-immutable-and-transitions#6': 'fields of the former service type',
  'service-immutable-and-transitions#7': 'fields of the former service type',
};

describe('recorded patches', () => {
  test('every patch gives what the real server answered, refusals included', () => {
    const outcomes = names.flatMap(replay).filter(({ step }) => needsServer[step] === undefined);

    for (const { step, want, got } of outcomes) expect(got, step).toEqual(want);
    expect(outcomes.length).toBeGreaterThan(150);
  });
});
