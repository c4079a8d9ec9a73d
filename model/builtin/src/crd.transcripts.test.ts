import { existsSync, readdirSync, readFileSync } from 'node:fs';
import {
  applyDefaults,
  applyMergePatch,
  formatFieldErrorBody,
  type JsonValue,
  type KubeObject,
  pruneUnknown,
  type Schema,
  structuralFromOpenApi,
  validateValue,
} from '@flux/apimachinery';
import { describe, expect, test } from 'vitest';
import { customResourceSchema } from './index.ts';

const folder = new URL('../../../tools/conformance/cases/kube-api/transcripts/', import.meta.url);

interface Cause {
  reason: string;
  field: string;
  message: string;
}

interface Step {
  n: number;
  request?: {
    method: string;
    path: string;
    headers?: Record<string, string>;
    query?: Record<string, string>;
    body?: KubeObject;
  };
  response?: { status: number; body?: KubeObject; headers: { Warning?: string[] } };
}

interface Outcome {
  step: string;
  want: unknown;
  got: unknown;
}

class Replay {
  readonly outcomes: Outcome[] = [];
  readonly #schemas = new Map<string, Schema>();
  readonly #live = new Map<string, KubeObject>();
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  step({ n, request, response }: Step): void {
    const body = response?.body;
    if (request === undefined || response === undefined || body === undefined) return;
    for (const crd of [request.body, body]) if (crd?.kind === 'CustomResourceDefinition') this.#learn(crd);
    const key = request.method === 'POST' ? `${request.path}/${body.metadata?.name}` : request.path;
    const schema = this.#schemas.get(
      `${request.body?.apiVersion ?? this.#live.get(key)?.apiVersion}/${request.body?.kind ?? this.#live.get(key)?.kind}`,
    );
    const isDelete = request.method === 'DELETE';
    if (schema && request.body && !isDelete && !/\/(status|scale)$/.test(request.path))
      this.#write(`${this.#name}#${n}`, request, response, schema, this.#live.get(key));
    if (body.metadata?.uid && !request.query?.['dryRun']) this.#live.set(key, body);
  }

  #learn(crd: KubeObject): void {
    for (const version of crd['spec']?.versions ?? []) {
      const raw = version.schema?.openAPIV3Schema;
      if (raw)
        this.#schemas.set(`${crd['spec'].group}/${version.name}/${crd['spec'].names.kind}`, structuralFromOpenApi(raw));
    }
  }

  #write(
    step: string,
    request: NonNullable<Step['request']>,
    response: NonNullable<Step['response']>,
    schema: Schema,
    live: KubeObject | undefined,
  ): void {
    const type = request.headers?.['Content-Type'] ?? '';
    const isPatch = type.startsWith('application/merge-patch');
    if ((request.method === 'PATCH' && !isPatch) || (isPatch && live === undefined)) return;
    const sent = request.body as unknown as JsonValue;
    const full = isPatch ? applyMergePatch(live as unknown as JsonValue, sent) : sent;
    const { value, pruned } = pruneUnknown(full, customResourceSchema(schema));
    const defaulted = applyDefaults(value, schema);
    const warnings = (response.headers.Warning ?? [])
      .map((text) => /unknown field \\"(.*)\\"/.exec(text)?.[1])
      .filter(Boolean);
    if (warnings.length > 0) this.outcomes.push({ step: `${step} warnings`, want: warnings, got: pruned });
    const oldValue = live === undefined ? undefined : applyDefaults(live as unknown as JsonValue, schema);
    const errors = validateValue(defaulted, schema, { oldValue });
    const got = errors.map((error) => ({
      reason: error.type,
      field: error.field,
      message: formatFieldErrorBody(error),
    }));
    const causes = (response.body?.['details']?.causes ?? []) as Cause[];
    const own = causes.filter(({ field }) => !/^(metadata|kind|patch)/.test(field));
    if (response.status < 300) {
      this.outcomes.push({ step, want: [], got });
      this.outcomes.push({
        step: `${step} spec`,
        want: response.body?.['spec'],
        got: (defaulted as unknown as KubeObject)['spec'],
      });
    } else if (response.status === 422 && own.length > 0) {
      this.outcomes.push({ step, want: sorted(own), got: sorted(got) });
    }
  }
}

function sorted(causes: Cause[]): Cause[] {
  return [...causes].sort((a, b) => (a.field + a.message < b.field + b.message ? -1 : 1));
}

function replay(name: string): Outcome[] {
  const { steps } = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as { steps: Step[] };
  const run = new Replay(name);
  for (const step of steps) run.step(step);
  return run.outcomes;
}

const names = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => !/^(kubectl|ctl)-/.test(file))
      .map((file) => file.slice(0, -5))
  : [];

describe('recorded custom resources', () => {
  test('pruning, defaults, validation and rules answer like the real server', () => {
    const outcomes = names.flatMap(replay);

    for (const { step, want, got } of outcomes) expect(got, step).toEqual(want);
    expect(outcomes.length).toBeGreaterThan(180);
  });
});
