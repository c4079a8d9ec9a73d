import { formatGroupResource, type StatusError } from '@flux/apimachinery';
import type { CelConversions, CelProgram } from '@flux/cel';
import { messageOf } from '@flux/errors';
import { failure } from '../status.ts';
import { list } from '../strategies/fields.ts';
import { type Attributes, nameOf } from './attributes.ts';
import { type Bound, coveringPolicies, ParamKindError, PolicyBudgetError, PolicyRun, paramsOf } from './policy-run.ts';

/** What one policy finds wrong under one binding. */
interface Finding {
  readonly message: string;
  readonly reason: string;
  /** It is the policy's own fault, under whichever binding. */
  readonly isOfPolicy?: boolean;
}

const statusCodes: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  Invalid: 422,
  RequestEntityTooLarge: 413,
};

/**
 * ValidatingAdmissionPolicies: each binding of a policy that covers the change is asked, in the order of their names. Throws
 * for the first that denies it, warns for those that only warn.
 */
export function enforcePolicies(attributes: Attributes): void {
  const conversions: CelConversions = new WeakMap();
  for (const bound of coveringPolicies('validating', attributes)) enforce(bound, attributes, conversions);
}

function enforce(bound: Bound, attributes: Attributes, conversions: CelConversions): void {
  const { policy, binding } = bound;
  const actions = list(binding['spec'].validationActions) as unknown as string[];
  const name = `ValidatingAdmissionPolicy '${policy.metadata.name}'`;
  for (const { message, reason, isOfPolicy } of findingsOf(bound, attributes, conversions)) {
    const who = isOfPolicy ? name : `${name} with binding '${binding.metadata.name}'`;
    if (actions.includes('Warn')) attributes.write.warn(`Validation failed for ${who}: ${message}`);
    if (actions.includes('Deny')) throw policyFailure(attributes, `${who} denied request: ${message}`, reason);
  }
}

function policyFailure(attributes: Attributes, detail: string, reason: string): StatusError {
  const { resource } = attributes.write;
  const name = nameOf(attributes);
  const target = { group: resource.group, resource: resource.plural };
  const message = `${formatGroupResource(target)} ${JSON.stringify(name)} is forbidden: ${detail}`;
  const details = { name, group: resource.group, kind: resource.plural, causes: [{ message: detail }] };
  return failure(statusCodes[reason] ?? 422, reason, message, details);
}

function findingsOf(bound: Bound, attributes: Attributes, conversions: CelConversions): Finding[] {
  const isStrict = bound.policy['spec'].failurePolicy !== 'Ignore';
  try {
    return paramsOf(bound, attributes).flatMap((params) => {
      const run = new PolicyRun(bound, attributes, params, conversions);
      return run.begins() ? validate(run, isStrict) : [];
    });
  } catch (error) {
    const message = messageOf(error);
    return isStrict ? [{ message, reason: 'Invalid', isOfPolicy: error instanceof ParamKindError }] : [];
  }
}

function validate(run: PolicyRun, isStrict: boolean): Finding[] {
  return run.program.validations.flatMap(({ expression, message, messageExpression, reason = 'Invalid' }) => {
    const problem = failureOf(expression, run);
    if (problem === undefined) return [];
    if (problem !== '') return isStrict ? [{ message: problem, reason: 'Invalid' }] : [];
    const own = messageExpression === undefined ? undefined : textOf(messageExpression, run);
    return [{ message: own ?? message ?? `failed expression: ${expression.expression.trim()}`, reason }];
  });
}

/** undefined: it holds; empty: it does not; a text: it could not be evaluated. */
function failureOf(program: CelProgram, run: PolicyRun): string | undefined {
  try {
    return run.evaluate(program) === true ? undefined : '';
  } catch (error) {
    if (error instanceof PolicyBudgetError) throw error;
    return run.explain(program, error);
  }
}

/** Only one line of text counts as a message. */
function textOf(program: CelProgram, run: PolicyRun): string | undefined {
  try {
    const text = run.evaluate(program);
    return typeof text === 'string' && text.trim() !== '' && !text.includes('\n') ? text : undefined;
  } catch (error) {
    if (error instanceof PolicyBudgetError) throw new PolicyBudgetError(`failed messageExpression: ${error.message}`);
    return undefined;
  }
}
