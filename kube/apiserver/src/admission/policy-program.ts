import type { KubeObject } from '@flux/apimachinery';
import { type CelOptions, type CelProgram, compileCel } from '@flux/cel';
import { type Fields, list } from '../strategies/fields.ts';
import { compileBoolean, policyVariables } from './expressions.ts';

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
    matchConditions: list(spec['matchConditions']).map(({ expression }) => compileCondition(expression)),
    variables: list(spec['variables']).map(({ name, expression }) => [String(name), compileAny(expression)]),
    validations: list(spec['validations']).map(({ expression, message, messageExpression, reason }) => ({
      expression: compileCondition(expression),
      message: message || undefined,
      messageExpression: messageExpression ? compileAny(messageExpression) : undefined,
      reason: reason || undefined,
    })),
    mutations: list(spec['mutations']).map(({ patchType, jsonPatch, applyConfiguration }) =>
      patchType === 'JSONPatch'
        ? { patchType, expression: compilePatch(jsonPatch?.expression) }
        : { patchType: 'ApplyConfiguration', expression: compileObject(applyConfiguration?.expression) },
    ),
  };
}

function compileWith(result: CelOptions['result'] & string) {
  return (expression: unknown) =>
    compileCel(String(expression ?? ''), { variables: policyVariables, result, isMetered: true });
}

export const compileAny = compileWith('dyn');
export const compileObject = compileWith('Object');
export const compilePatch = compileWith('list<JSONPatch>');

export function compileCondition(expression: unknown): CelProgram {
  return compileBoolean(expression, policyVariables);
}
