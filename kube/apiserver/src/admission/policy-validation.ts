import { CelError, type CelProgram } from '@flux/cel';
import { type FieldError, invalidField, requiredField } from '../status.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { oneOf, oneOfIfGiven } from '../strategies/one-of.ts';
import { compileBoolean, policyVariables, webhookVariables } from './expressions.ts';
import { compileAny, compileCondition, compileObject, compilePatch } from './policy-program.ts';
import { ruleErrors } from './rule-validation.ts';

/** What is wrong with a ValidatingAdmissionPolicy that somebody wants to store. */
export function validateValidatingPolicy(spec: Fields | undefined): FieldError[] {
  const { validations, auditAnnotations } = spec ?? {};
  const why = 'validations or auditAnnotations must contain at least one item';
  const isEmpty = list(validations).length + list(auditAnnotations).length === 0;
  return [
    ...sharedErrors(spec ?? {}),
    ...(isEmpty ? [requiredField('spec.validations', why), requiredField('spec.auditAnnotations', why)] : []),
    ...list(validations).flatMap(({ expression, messageExpression }, index) => [
      ...expressionErrors(`spec.validations[${index}].expression`, expression, compileCondition),
      ...(messageExpression
        ? expressionErrors(`spec.validations[${index}].messageExpression`, messageExpression, compileAny)
        : []),
    ]),
  ];
}

/** What is wrong with a MutatingAdmissionPolicy that somebody wants to store. */
export function validateMutatingPolicy(spec: Fields | undefined): FieldError[] {
  const { mutations, reinvocationPolicy } = spec ?? {};
  const at = 'spec.reinvocationPolicy';
  return [
    ...sharedErrors(spec ?? {}),
    ...list(mutations).flatMap((mutation, index) => mutationErrors(mutation, `spec.mutations[${index}]`)),
    ...(list(mutations).length === 0
      ? [requiredField('spec.mutations', 'mutations must contain at least one item')]
      : []),
    ...(reinvocationPolicy ? oneOf(at, reinvocationPolicy, ['IfNeeded', 'Never']) : [requiredField(at)]),
  ].concat(operationErrors(spec?.['matchConstraints']?.resourceRules));
}

function sharedErrors({ failurePolicy, matchConstraints, matchConditions, variables }: Fields): FieldError[] {
  return [
    ...oneOfIfGiven('spec.failurePolicy', failurePolicy, ['Fail', 'Ignore']),
    ...constraintErrors(matchConstraints, 'spec.matchConstraints'),
    ...conditionErrors('spec.matchConditions', matchConditions, policyVariables),
    ...list(variables).flatMap(({ expression }, index) =>
      expressionErrors(`spec.variables[${index}].expression`, expression, compileAny),
    ),
  ];
}

function constraintErrors(match: Fields | undefined, at: string): FieldError[] {
  if (!match) return [requiredField(at)];
  const rules = list(match['resourceRules']);
  if (rules.length === 0) return [requiredField(`${at}.resourceRules`)];
  return rules.flatMap((rule, index) => ruleErrors(rule, `${at}.resourceRules[${index}]`));
}

/** Deletions have nothing that could be changed. */
function operationErrors(rules: unknown): FieldError[] {
  return list(rules).flatMap(({ operations }) =>
    list(operations).flatMap((operation: unknown) =>
      oneOfIfGiven('spec.matchConstraints.resourceRules.operations', operation, ['*', 'CONNECT', 'CREATE', 'UPDATE']),
    ),
  );
}

const patchTypes = {
  JSONPatch: { field: 'jsonPatch', other: 'applyConfiguration', compile: compilePatch },
  ApplyConfiguration: { field: 'applyConfiguration', other: 'jsonPatch', compile: compileObject },
} as const;

function mutationErrors(mutation: Fields, at: string): FieldError[] {
  const { patchType } = mutation;
  if (!patchType) return [requiredField(`${at}.patchType`)];
  if (!Object.hasOwn(patchTypes, patchType)) {
    return oneOf(`${at}.patchType`, patchType, ['ApplyConfiguration', 'JSONPatch']);
  }
  const { field, other, compile } = patchTypes[patchType as keyof typeof patchTypes];
  const errors = mutation[field]
    ? expressionErrors(`${at}.${field}.expression`, mutation[field].expression, compile)
    : [requiredField(`${at}.${field}`, `must be specified when patchType is ${patchType}`)];
  if (!mutation[other]) return errors;
  return [
    ...errors,
    invalidField(`${at}.${other}`, `{${other}}`, `must not be specified when patchType is ${patchType}`),
  ];
}

/** What is wrong with the expressions of conditions, of a policy or a webhook. */
export function conditionErrors(
  path: string,
  conditions: unknown,
  variables: readonly string[] = webhookVariables,
): FieldError[] {
  return list(conditions).flatMap(({ expression }, index) =>
    expressionErrors(`${path}[${index}].expression`, expression, (text) => compileBoolean(text, variables)),
  );
}

const wrongType = /^CEL expression output type mismatch: expected (.+), got (.+)$/;

function expressionErrors(path: string, expression: unknown, compile: (text: unknown) => CelProgram): FieldError[] {
  try {
    compile(expression);
    return [];
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    const [, wanted, found] = wrongType.exec(error.message) ?? [];
    const detail =
      wanted && found
        ? `must evaluate to ${typeText(wanted)} but got ${typeText(found)}`
        : `compilation failed: ${error.message}`;
    return [invalidField(path, expression ?? '', detail)];
  }
}

/** `list<T>` is `list(dyn)` for cel-go. */
function typeText(type: string): string {
  return type.replace(/<T>/, '<dyn>').replaceAll('<', '(').replaceAll('>', ')');
}
