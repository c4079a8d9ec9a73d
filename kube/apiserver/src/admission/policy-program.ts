import type { KubeObject } from '@flux/apimachinery';
import { CelError, type CelOptions, type CelProgram, compileCel } from '@flux/cel';
import { type FieldError, invalidField } from '../status.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { compileBoolean, policyVariables, webhookVariables } from './expressions.ts';

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
  return (expression: unknown) => compileCel(String(expression ?? ''), { variables: policyVariables, result });
}

const compileAny = compileWith('dyn');
const compileObject = compileWith('Object');
const compilePatch = compileWith('list<JSONPatch>');

function compileCondition(expression: unknown): CelProgram {
  return compileBoolean(expression, policyVariables);
}

/** What is wrong with the expressions of a policy that somebody wants to store. */
export function expressionErrors(spec: Fields | undefined): FieldError[] {
  const problems = [
    ...list(spec?.['validations']).flatMap(({ expression, messageExpression }, index) => [
      problemOf(`spec.validations[${index}].expression`, expression, compileCondition),
      ...(messageExpression
        ? [problemOf(`spec.validations[${index}].messageExpression`, messageExpression, compileAny)]
        : []),
    ]),
    ...list(spec?.['variables']).map(({ expression }, index) => {
      return problemOf(`spec.variables[${index}].expression`, expression, compileAny);
    }),
    ...list(spec?.['mutations']).map(({ jsonPatch, applyConfiguration }, index) => {
      const at = `spec.mutations[${index}]`;
      return jsonPatch
        ? problemOf(`${at}.jsonPatch.expression`, jsonPatch.expression, compilePatch)
        : problemOf(`${at}.applyConfiguration.expression`, applyConfiguration?.expression, compileObject);
    }),
    ...conditionErrors('spec.matchConditions', spec?.['matchConditions'], policyVariables),
  ];
  return problems.filter((problem) => problem !== undefined);
}

/** What is wrong with the expressions of conditions, of a policy or a webhook. */
export function conditionErrors(
  path: string,
  conditions: unknown,
  variables: readonly string[] = webhookVariables,
): FieldError[] {
  return list(conditions).flatMap(({ expression }, index) => {
    const compile = (text: unknown) => compileBoolean(text, variables);
    return problemOf(`${path}[${index}].expression`, expression, compile) ?? [];
  });
}

const wrongType = /^CEL expression output type mismatch: expected (.+), got (.+)$/;

function problemOf(path: string, expression: unknown, compile: (text: unknown) => CelProgram): FieldError | undefined {
  try {
    compile(expression);
    return undefined;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    const [, wanted, found] = wrongType.exec(error.message) ?? [];
    const detail = wanted ? `must evaluate to ${wanted} but got ${found}` : `compilation failed: ${error.message}`;
    return invalidField(path, expression ?? '', detail);
  }
}
