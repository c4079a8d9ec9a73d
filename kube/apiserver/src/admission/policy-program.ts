import type { KubeObject } from '@flux/apimachinery';
import { type CelProgram, compileCel } from '@flux/cel';
import { type Fields, list } from '../strategies/fields.ts';
import { policyVariables } from './expressions.ts';

interface Validation {
  readonly expression: CelProgram;
  readonly message: string | undefined;
  readonly messageExpression: CelProgram | undefined;
  readonly reason: string | undefined;
}

interface Mutation {
  readonly patchType: 'ApplyConfiguration' | 'JSONPatch';
  readonly expression: CelProgram;
}

/** The expressions of an admission policy, compiled. */
export interface PolicyProgram {
  readonly matchConditions: readonly CelProgram[];
  readonly variables: readonly (readonly [string, CelProgram])[];
  readonly validations: readonly Validation[];
  readonly mutations: readonly Mutation[];
}

const compiled = new WeakMap<KubeObject, PolicyProgram>();

/** Stored objects never change, so that each version of a policy is compiled once. */
export function programOf(policy: KubeObject): PolicyProgram {
  const known = compiled.get(policy) ?? compilePolicy(policy['spec'] ?? {});
  compiled.set(policy, known);
  return known;
}

function compilePolicy(spec: Fields): PolicyProgram {
  return {
    matchConditions: list(spec['matchConditions']).map(({ expression }) => compile(expression)),
    variables: list(spec['variables']).map(({ name, expression }) => [String(name), compile(expression)]),
    validations: list(spec['validations']).map(({ expression, message, messageExpression, reason }) => ({
      expression: compile(expression),
      message: message || undefined,
      messageExpression: messageExpression ? compile(messageExpression) : undefined,
      reason: reason || undefined,
    })),
    mutations: list(spec['mutations']).map(({ patchType, jsonPatch, applyConfiguration }) =>
      patchType === 'JSONPatch'
        ? { patchType, expression: compile(jsonPatch?.expression) }
        : { patchType: 'ApplyConfiguration', expression: compile(applyConfiguration?.expression) },
    ),
  };
}

/** The types were checked when the policy was stored. */
function compile(expression: unknown): CelProgram {
  return compileCel(String(expression ?? ''), { variables: policyVariables, isMetered: true });
}
