import { CelAuthorizer, type CelInput, CelMeter, type CelProgram, type CelServiceAccount, compileCel } from '@flux/cel';
import { messageOf } from '@flux/errors';
import { accountGroups, accountUser } from '../auth/service-account.ts';
import type { Subject } from '../registry/api.ts';
import type { Resource } from '../registry/resource.ts';
import type { WriteRequest } from '../registry/write-request.ts';
import { failure } from '../status.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { type Attributes, atVersion, nameOf, namespaceOf, requestVariable } from './attributes.ts';

/** Names that conditions of webhooks may use. */
const webhookVariables = ['object', 'oldObject', 'request', 'authorizer', 'namespaceObject'];
/** Names that the expressions of policies may use. */
export const policyVariables = [...webhookVariables, 'params', 'variables'];

/** What one evaluation may cost. */
export const callLimit = 1_000_000;

/** The values of the variables for one change, at the version that was matched. */
export function variablesOf(attributes: Attributes, matched: Resource): Record<string, unknown> {
  const { write } = attributes;
  return {
    object: atVersion(attributes.object, write.resource, matched),
    oldObject: atVersion(attributes.oldObject, write.resource, matched),
    request: requestVariable(attributes, matched),
    authorizer: authorizerOf(attributes),
    namespaceObject: write.resource.namespaced ? (namespaceOf(attributes) ?? null) : null,
    params: null,
    variables: {},
  };
}

function authorizerOf(attributes: Attributes): CelAuthorizer {
  const { write } = attributes;
  const { authorizer } = write.api;
  const { group, plural } = write.resource;
  const own = {
    group,
    resource: plural,
    subresource: write.subresource,
    namespace: write.namespace ?? '',
    name: nameOf(attributes),
  };
  return new CelAuthorizer(
    {
      resource: (account, access, verb) => authorizer.allow(subjectOf(account, write), { verb, ...access }),
      path: (account, path, verb) => authorizer.allowPath(subjectOf(account, write), verb, path),
    },
    own,
  );
}

function subjectOf(account: CelServiceAccount | undefined, { user }: WriteRequest): Subject {
  if (!account) return user;
  const { namespace, name } = account;
  return { name: accountUser(namespace, name), groups: accountGroups(namespace) };
}

/** Compiles an expression of `matchConditions` or `validations`. */
function compileBoolean(expression: unknown, variables: readonly string[]): CelProgram {
  return compileCel(String(expression ?? ''), { variables, result: 'bool', isMetered: true });
}

/** What went wrong when an expression was evaluated, in the words of Kubernetes. */
export function problemOf({ expression }: CelProgram, error: unknown): string {
  const why = messageOf(error);
  return `expression '${expression}' resulted in error: ${why}`;
}

/** Conditions did not evaluate, and the failure policy does not let that pass. */
export class ConditionError extends Error {}

/**
 * Whether all conditions hold. One that does not hold decides, whatever others fail with; throws `ConditionError` when
 * only failures are left, unless these are to be ignored.
 */
export function conditionsHold(
  conditions: readonly CelProgram[],
  variables: Readonly<Record<string, unknown>> | CelInput,
  isStrict: boolean,
): boolean {
  const problems: string[] = [];
  for (const condition of conditions) {
    try {
      if (condition.evaluate(variables, new CelMeter(callLimit)) !== true) return false;
    } catch (error) {
      problems.push(problemOf(condition, error));
    }
  }
  if (problems.length === 0) return true;
  if (isStrict) throw new ConditionError(problems.length > 1 ? `[${problems.join(', ')}]` : problems[0]);
  return false;
}

const compiled = new WeakMap<object, readonly CelProgram[]>();

/** The compiled `matchConditions` of a webhook; stored objects never change, so that each is compiled once. */
export function conditionsOf(webhook: Fields): readonly CelProgram[] {
  const known = compiled.get(webhook);
  if (known) return known;
  const programs = list(webhook['matchConditions']).map(({ expression }) => {
    return compileBoolean(expression, webhookVariables);
  });
  compiled.set(webhook, programs);
  return programs;
}

/** An error of the server's own making, as its answers show it. */
export function internalFailure(message: string) {
  return failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}
