import { type CelDeclaration, CelError, CelProgramError, type CelScope, type CheckedCel, checkCel } from '@flux/cel';
import { type FieldError, invalidField, requiredField } from '../status.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { oneOf, oneOfIfGiven } from '../strategies/one-of.ts';
import { policyScope } from './policy-scope.ts';
import { ruleErrors } from './rule-validation.ts';

/** What is wrong with a ValidatingAdmissionPolicy that somebody wants to store. */
export function validateValidatingPolicy(spec: Fields | undefined): FieldError[] {
  const { validations, auditAnnotations, paramKind } = spec ?? {};
  const why = 'validations or auditAnnotations must contain at least one item';
  const isEmpty = list(validations).length + list(auditAnnotations).length === 0;
  const { errors, variables } = sharedErrors(spec ?? {});
  const known = { hasParams: paramKind !== undefined, ...(variables.size > 0 && { variables }) };
  const scope = policyScope({ ...known, hasAuthorizer: true });
  return [
    ...errors,
    ...(isEmpty ? [requiredField('spec.validations', why), requiredField('spec.auditAnnotations', why)] : []),
    ...list(validations).flatMap(({ expression, messageExpression }, index) => [
      ...expressionErrors(`spec.validations[${index}].expression`, expression, scope, 'bool'),
      ...(messageExpression
        ? expressionErrors(
            `spec.validations[${index}].messageExpression`,
            messageExpression,
            policyScope(known),
            'string',
          )
        : []),
    ]),
  ];
}

/** What is wrong with a MutatingAdmissionPolicy that somebody wants to store. */
export function validateMutatingPolicy(spec: Fields | undefined): FieldError[] {
  const { mutations, reinvocationPolicy, paramKind } = spec ?? {};
  const at = 'spec.reinvocationPolicy';
  const { errors, variables } = sharedErrors(spec ?? {});
  const scope = policyScope({ hasParams: paramKind !== undefined, hasAuthorizer: true, variables, withPatches: true });
  return [
    ...errors,
    ...list(mutations).flatMap((mutation, index) => mutationErrors(mutation, `spec.mutations[${index}]`, scope)),
    ...(list(mutations).length === 0
      ? [requiredField('spec.mutations', 'mutations must contain at least one item')]
      : []),
    ...(reinvocationPolicy ? oneOf(at, reinvocationPolicy, ['IfNeeded', 'Never']) : [requiredField(at)]),
  ].concat(operationErrors(spec?.['matchConstraints']?.resourceRules));
}

interface Shared {
  readonly errors: FieldError[];
  /** What the variables of the policy are, for the expressions that follow them. */
  readonly variables: ReadonlyMap<string, CelDeclaration>;
}

function sharedErrors({ failurePolicy, matchConstraints, matchConditions, variables, paramKind }: Fields): Shared {
  const hasParams = paramKind !== undefined;
  const errors = [
    ...oneOfIfGiven('spec.failurePolicy', failurePolicy, ['Fail', 'Ignore']),
    ...constraintErrors(matchConstraints, 'spec.matchConstraints'),
    ...conditionErrors('spec.matchConditions', matchConditions, hasParams),
  ];
  const known = new Map<string, CelDeclaration>();
  for (const [index, { name, expression }] of list(variables).entries()) {
    const scope = policyScope({ hasParams, hasAuthorizer: true, variables: known });
    const [checked, problem] = attempt(`spec.variables[${index}].expression`, expression, scope);
    if (problem) errors.push(problem);
    known.set(String(name), checked?.declaration ?? { kind: 'dyn', maxElements: 0 });
  }
  return { errors, variables: known };
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
  JSONPatch: { field: 'jsonPatch', other: 'applyConfiguration', type: 'list(JSONPatch)' },
  ApplyConfiguration: { field: 'applyConfiguration', other: 'jsonPatch', type: 'Object' },
} as const;

function mutationErrors(mutation: Fields, at: string, scope: CelScope): FieldError[] {
  const { patchType } = mutation;
  if (!patchType) return [requiredField(`${at}.patchType`)];
  if (!Object.hasOwn(patchTypes, patchType)) {
    return oneOf(`${at}.patchType`, patchType, ['ApplyConfiguration', 'JSONPatch']);
  }
  const { field, other, type } = patchTypes[patchType as keyof typeof patchTypes];
  const errors = mutation[field]
    ? expressionErrors(`${at}.${field}.expression`, trimmed(mutation[field].expression), scope, type)
    : [requiredField(`${at}.${field}`, `must be specified when patchType is ${patchType}`)];
  if (!mutation[other]) return errors;
  return [
    ...errors,
    invalidField(`${at}.${other}`, `{${other}}`, `must not be specified when patchType is ${patchType}`),
  ];
}

/** What is wrong with the expressions of conditions, of a policy or a webhook. */
export function conditionErrors(path: string, conditions: unknown, hasParams = false): FieldError[] {
  const scope = policyScope({ hasParams, hasAuthorizer: true });
  return list(conditions).flatMap(({ expression }, index) =>
    expressionErrors(`${path}[${index}].expression`, trimmed(expression), scope, 'bool'),
  );
}

function trimmed(expression: unknown): string {
  return String(expression ?? '').trim();
}

function expressionErrors(path: string, expression: unknown, scope: CelScope, type: string): FieldError[] {
  const [checked, problem] = attempt(path, expression, scope);
  if (problem) return [problem];
  if (checked!.type === type) return [];
  return [invalidField(path, expression ?? '', `must evaluate to ${type} but got ${checked!.type}`)];
}

function attempt(
  path: string,
  expression: unknown,
  scope: CelScope,
): [checked: CheckedCel | undefined, problem?: FieldError] {
  try {
    return [checkCel(String(expression ?? ''), scope)];
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    const step = error instanceof CelProgramError ? 'program instantiation' : 'compilation';
    return [undefined, invalidField(path, expression ?? '', `${step} failed: ${error.message}`)];
  }
}
