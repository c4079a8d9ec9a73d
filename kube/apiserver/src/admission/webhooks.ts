import {
  applyJsonPatch,
  deepEqual,
  isJsonObject,
  type JsonValue,
  type KubeObject,
  StatusError,
} from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { HttpError } from '@flux/http';
import { GoDecodeError } from '../decode/decode-error.ts';
import { apiVersionOf, goTypeName, type Resource } from '../registry/resource.ts';
import { badRequest, failure, forbidden } from '../status.ts';
import { describeJsonError, parseJson } from '../storage/json.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { type Attributes, atVersion, convert, nameOf } from './attributes.ts';
import { type Hook, hooksOf } from './configurations.ts';
import { ConditionError, conditionsHold, conditionsOf, internalFailure, variablesOf } from './expressions.ts';
import { matchResource } from './match.ts';
import type { Reinvocation } from './reinvocation.ts';
import { findAddress, urlOf } from './webhook-address.ts';
import { failed, readVerdict, reviewOf, type Verdict, WebhookError } from './webhook-review.ts';

/** Asks the mutating webhooks that cover a change, one after the other, each seeing what those before it changed. */
export async function callMutatingWebhooks(attributes: Attributes, reinvocation: Reinvocation): Promise<void> {
  for (const hook of hooksOf(attributes.write.api, 'mutatingWebhooks')) {
    const matched = matchHook(hook, attributes);
    if (!matched || !reinvocation.runs(hook.id)) continue;
    const verdict = await ask(hook, attributes, matched, true);
    if (verdict?.patch && applyVerdict(hook, attributes, matched, verdict.patch)) reinvocation.changed();
    reinvocation.ran(hook.id, hook.spec['reinvocationPolicy']);
  }
}

/** Asks the validating webhooks that cover a change, all at once; of several refusals the first in their order is told. */
export async function callValidatingWebhooks(attributes: Attributes): Promise<void> {
  const covering = hooksOf(attributes.write.api, 'validatingWebhooks').flatMap((hook) => {
    const matched = matchHook(hook, attributes);
    return matched ? [{ hook, matched }] : [];
  });
  const asked = covering.map(({ hook, matched }) => ask(hook, attributes, matched, false));
  for (const result of await Promise.allSettled(asked)) {
    if (result.status === 'rejected') throw result.reason;
  }
}

/** The resource under which a webhook wants to be asked about a change. */
function matchHook({ spec }: Hook, attributes: Attributes): Resource | undefined {
  const { rules, matchPolicy, namespaceSelector, objectSelector } = spec;
  const matched = matchResource(
    { rules: list(rules), excluded: [], isExact: matchPolicy === 'Exact', namespaceSelector, objectSelector },
    attributes,
  );
  const conditions = matched ? conditionsOf(spec) : [];
  if (!matched || conditions.length === 0) return matched;
  try {
    const holds = conditionsHold(conditions, variablesOf(attributes, matched), spec['failurePolicy'] !== 'Ignore');
    return holds ? matched : undefined;
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    const { group, plural } = attributes.write.resource;
    throw forbidden({ group, resource: plural }, nameOf(attributes), error.message);
  }
}

/** The webhook's verdict; undefined when it could not be asked and that is to be ignored. Throws its refusal. */
async function ask(
  hook: Hook,
  attributes: Attributes,
  matched: Resource,
  isMutating: boolean,
): Promise<Verdict | undefined> {
  const { spec } = hook;
  const isSafe = spec['sideEffects'] === 'None' || spec['sideEffects'] === 'NoneOnDryRun';
  if (attributes.write.dryRun && !isSafe) {
    throw badRequest(`admission webhook ${JSON.stringify(spec['name'])} does not support dry run`);
  }
  let verdict: Verdict | undefined;
  try {
    verdict = await call(spec, attributes, matched, isMutating);
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    if (spec['failurePolicy'] === 'Ignore') return undefined;
    throw callFailure(spec, error.message);
  }
  for (const warning of verdict?.warnings ?? []) attributes.write.warn(warning);
  if (verdict && !verdict.allowed) throw refusalOf(spec, verdict.status);
  return verdict;
}

function callFailure({ name }: Fields, reason: string): StatusError {
  return internalFailure(`failed calling webhook ${JSON.stringify(name)}: ${reason}`);
}

async function call(
  { clientConfig, timeoutSeconds, admissionReviewVersions }: Fields,
  attributes: Attributes,
  matched: Resource,
  isMutating: boolean,
): Promise<Verdict | undefined> {
  const { api } = attributes.write;
  const review = reviewOf(attributes, matched, list(admissionReviewVersions) as unknown as string[]);
  try {
    const address = findAddress(api, clientConfig);
    if (!address) return undefined;
    const caBundle = clientConfig.caBundle ? Buffer.from(clientConfig.caBundle, 'base64').toString() : undefined;
    const body = JSON.stringify(review.value);
    const answer = await api.webhooks.post({ address, caBundle, timeoutSeconds: timeoutSeconds ?? 10, body });
    return readVerdict(answer, review, isMutating);
  } catch (error) {
    if (error instanceof WebhookError) throw error;
    if (error instanceof HttpError && error.failure === 'tooLarge') throw failed(error.message);
    const why = messageOf(error);
    throw failed(`Post "${urlOf(clientConfig)}?timeout=${timeoutSeconds ?? 10}s": ${why}`);
  }
}

/** The Status of a webhook that refuses, made an error whatever it says. */
function refusalOf({ name }: Fields, status: Verdict['status']): StatusError {
  const { code = 0, reason, message, details } = status ?? {};
  const deniedBy = `admission webhook ${JSON.stringify(name)} denied the request`;
  const explained = message || reason ? `${deniedBy}: ${message || reason}` : `${deniedBy} without explanation`;
  return failure(code < 400 || code > 599 ? 400 : code, reason, explained, details);
}

/** Applies a webhook's patch to the object; true when something changed. */
function applyVerdict({ spec }: Hook, attributes: Attributes, matched: Resource, text: string): boolean {
  const operations = parsePatch(spec, text);
  if (operations.length === 0) return false;
  const { object, write } = attributes;
  const { resource } = write;
  if (!object) {
    throw internalFailure(
      `admission webhook ${JSON.stringify(spec['name'])} attempted to modify the object, which is not supported for this operation`,
    );
  }
  const before = atVersion(object, resource, matched);
  const patched = applyPatch(before as unknown as JsonValue, operations);
  checkKind(matched, patched);
  const decoded = decodeMutated(matched, patched);
  attributes.object = convert(decoded, matched, resource);
  return !deepEqual(decoded, before);
}

/** A patch may change everything but what the object is. */
function checkKind({ kind, group, version }: Resource, patched: JsonValue): void {
  const { kind: given, apiVersion } = isJsonObject(patched) ? patched : {};
  if (given === kind && apiVersion === apiVersionOf({ group, version })) return;
  const from = `${String(apiVersion).split('/').pop()}.${String(given)}`;
  throw failure(500, undefined, `converting (${from}) to (${goTypeName({ group }, kind)}): unknown conversion`);
}

function parsePatch(spec: Fields, text: string): unknown[] {
  const undecodable = (why: string) => callFailure(spec, `received undecodable patch in webhook response: ${why}`);
  let operations: unknown;
  try {
    operations = parseJson(text);
  } catch (error) {
    throw undecodable(describeJsonError(text, error));
  }
  if (Array.isArray(operations)) return operations;
  if (operations === null) return [];
  throw undecodable(`json: cannot unmarshal ${typeof operations} into Go value of type jsonpatch.Patch`);
}

function applyPatch(target: JsonValue, operations: unknown): JsonValue {
  try {
    return applyJsonPatch(target, operations);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    throw internalFailure(messageOf(error.cause ?? error));
  }
}

/** What a mutation made of an object, canonical and with defaults again. Unknown members are dropped, or refused. */
export function decodeMutated(resource: Resource, value: unknown, isStrict = false): KubeObject {
  const strict: string[] = [];
  let object: KubeObject;
  try {
    object = resource.decode(value, { strict });
  } catch (error) {
    if (!(error instanceof GoDecodeError)) throw error;
    throw internalFailure(error.message);
  }
  if (isStrict && strict.length > 0) throw internalFailure(`strict decoding error: ${strict.join(', ')}`);
  resource.strategy.setDefaults?.(object);
  return object;
}
