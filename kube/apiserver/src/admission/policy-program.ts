import type { KubeObject } from '@flux/apimachinery';
import { CelError, type CelProgram, compileCel } from '@flux/cel';
import { type FieldError, invalidField } from '../status.ts';
import { type Fields, list } from '../strategies/fields.ts';

const variables = ['object', 'oldObject', 'request', 'params', 'namespaceObject', 'variables'];

interface Validation {
  readonly expression: CelProgram;
  readonly message: string | undefined;
  readonly messageExpression: CelProgram | undefined;
  readonly reason: string | undefined;
}

/** The expressions of a ValidatingAdmissionPolicy, compiled. */
export interface PolicyProgram {
  readonly matchConditions: readonly CelProgram[];
  readonly variables: readonly (readonly [string, CelProgram])[];
  readonly validations: readonly Validation[];
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
    matchConditions: list(spec['matchConditions']).map(({ expression }) => compileBoolean(expression)),
    variables: list(spec['variables']).map(({ name, expression }) => [String(name), compileAny(expression)]),
    validations: list(spec['validations']).map(({ expression, message, messageExpression, reason }) => ({
      expression: compileBoolean(expression),
      message: message || undefined,
      messageExpression: messageExpression ? compileAny(messageExpression) : undefined,
      reason: reason || undefined,
    })),
  };
}

function compileBoolean(expression: unknown): CelProgram {
  return compileCel(String(expression ?? ''), { variables, result: 'bool' });
}

function compileAny(expression: unknown): CelProgram {
  return compileCel(String(expression ?? ''), { variables });
}

/** What is wrong with the expressions of a policy that somebody wants to store. */
export function expressionErrors(spec: Fields | undefined): FieldError[] {
  const problems = [
    ...list(spec?.['validations']).flatMap(({ expression, messageExpression }, index) => [
      problemOf(`spec.validations[${index}].expression`, expression, compileBoolean),
      ...(messageExpression
        ? [problemOf(`spec.validations[${index}].messageExpression`, messageExpression, compileAny)]
        : []),
    ]),
    ...list(spec?.['variables']).map(({ expression }, index) => {
      return problemOf(`spec.variables[${index}].expression`, expression, compileAny);
    }),
    ...list(spec?.['matchConditions']).map(({ expression }, index) => {
      return problemOf(`spec.matchConditions[${index}].expression`, expression, compileBoolean);
    }),
  ];
  return problems.filter((problem) => problem !== undefined);
}

function problemOf(path: string, expression: unknown, compile: (text: unknown) => CelProgram): FieldError | undefined {
  try {
    compile(expression);
    return undefined;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return invalidField(path, expression ?? '', `compilation failed: ${error.message}`);
  }
}
