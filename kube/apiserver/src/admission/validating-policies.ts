import { formatGroupResource, type KubeObject, labelSelectorFromObject, type StatusError } from '@flux/apimachinery';
import type { CelProgram } from '@flux/cel';
import type { WriteRequest } from '../registry/write-request.ts';
import { failure } from '../status.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { type Attributes, nameOf, namespaceOf, requestVariable } from './attributes.ts';
import { matchesResources } from './match.ts';
import { type PolicyProgram, programOf } from './policy-program.ts';

const group = 'admissionregistration.k8s.io';

/** What one policy finds wrong under one binding. */
interface Finding {
  readonly message: string;
  readonly reason: string;
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
  const { api, resource } = attributes.write;
  if (
    resource.group === group ||
    resource.group === 'authorization.k8s.io' ||
    resource.group === 'authentication.k8s.io'
  )
    return;
  for (const binding of api.list(group, 'validatingadmissionpolicybindings')) {
    const policy = api.find(group, 'validatingadmissionpolicies', undefined, binding['spec']?.policyName ?? '');
    if (!policy || !matchesResources(policy['spec']?.matchConstraints, attributes)) continue;
    if (matchesResources(binding['spec'].matchResources, attributes)) enforce(policy, binding, attributes);
  }
}

function enforce(policy: KubeObject, binding: KubeObject, attributes: Attributes): void {
  const actions = list(binding['spec'].validationActions) as unknown as string[];
  const who = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
  for (const { message, reason } of findingsOf(policy, binding, attributes)) {
    if (actions.includes('Warn')) attributes.write.warn(`Validation failed for ${who}: ${message}`);
    if (actions.includes('Deny')) throw denied(attributes, `${who} denied request: ${message}`, reason);
  }
}

function denied(attributes: Attributes, detail: string, reason: string): StatusError {
  const { resource } = attributes.write;
  const name = nameOf(attributes);
  const target = { group: resource.group, resource: resource.plural };
  const message = `${formatGroupResource(target)} ${JSON.stringify(name)} is forbidden: ${detail}`;
  const details = { name, group: resource.group, kind: resource.plural, causes: [{ message: detail }] };
  return failure(statusCodes[reason] ?? 422, reason, message, details);
}

function findingsOf(policy: KubeObject, binding: KubeObject, attributes: Attributes): Finding[] {
  const isStrict = policy['spec'].failurePolicy !== 'Ignore';
  try {
    const program = programOf(policy);
    return paramsOf(policy, binding, attributes).flatMap((params) => {
      const run = new Run(program, attributes, params);
      return run.isCovered() ? run.validate(isStrict) : [];
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return isStrict ? [{ message, reason: 'Invalid' }] : [];
  }
}

/** The objects that a binding hands over to its policy; a policy that takes none is asked once, without. */
function paramsOf(policy: KubeObject, { spec }: KubeObject, { write }: Attributes): (KubeObject | null)[] {
  const kind: Fields | undefined = policy['spec'].paramKind;
  if (!kind) return [null];
  const found = spec.paramRef ? findParams(kind, spec.paramRef, write) : [];
  if (found.length > 0 || spec.paramRef?.parameterNotFoundAction === 'Allow') return found;
  throw new Error(
    'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
  );
}

function findParams(kind: Fields, ref: Fields, { api, namespace }: WriteRequest): KubeObject[] {
  const resource = api.catalog.findKind(kind['apiVersion'], kind['kind']);
  if (!resource)
    throw new Error(
      `failed to configure policy: failed to find resource referenced by paramKind: '${kind['apiVersion']}, Kind=${kind['kind']}'`,
    );
  const home = resource.namespaced ? (ref['namespace'] ?? namespace) : undefined;
  const candidates = api.list(resource.group, resource.plural, home);
  if (ref['name']) return candidates.filter(({ metadata }) => metadata.name === ref['name']);
  const selector = labelSelectorFromObject(ref['selector'] ?? {});
  return candidates.filter(({ metadata }) => selector.matches(metadata.labels));
}

/** One evaluation of a policy's expressions. */
class Run {
  readonly #program: PolicyProgram;
  readonly #values: Record<string, unknown>;

  constructor(program: PolicyProgram, attributes: Attributes, params: KubeObject | null) {
    this.#program = program;
    this.#values = {
      object: attributes.object ?? null,
      oldObject: attributes.oldObject ?? null,
      request: requestVariable(attributes),
      params,
      namespaceObject: attributes.write.resource.namespaced ? (namespaceOf(attributes) ?? null) : null,
      variables: {},
    };
  }

  isCovered(): boolean {
    return this.#program.matchConditions.every((condition) => condition.evaluate(this.#values) === true);
  }

  validate(isStrict: boolean): Finding[] {
    this.#setVariables();
    return this.#program.validations.flatMap(({ expression, message, messageExpression, reason = 'Invalid' }) => {
      const problem = this.#problemOf(expression);
      if (problem === undefined) return [];
      if (problem !== '') return isStrict ? [{ message: problem, reason: 'Invalid' }] : [];
      const own = messageExpression === undefined ? undefined : this.#textOf(messageExpression);
      return [{ message: own ?? message ?? `failed expression: ${expression.expression.trim()}`, reason }];
    });
  }

  /** A variable that fails is missing, which only those notice that use it. */
  #setVariables(): void {
    const variables: Record<string, unknown> = {};
    this.#values['variables'] = variables;
    for (const [name, program] of this.#program.variables) {
      try {
        Object.defineProperty(variables, name, { value: program.evaluate(this.#values), enumerable: true });
      } catch {
        // Told by the expression that asks for it.
      }
    }
  }

  /** undefined: it holds; empty: it does not; a text: it could not be evaluated. */
  #problemOf(program: CelProgram): string | undefined {
    try {
      return program.evaluate(this.#values) === true ? undefined : '';
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return `expression '${program.expression}' resulted in error: ${why}`;
    }
  }

  /** Only one line of text counts as a message. */
  #textOf(program: CelProgram): string | undefined {
    try {
      const text = program.evaluate(this.#values);
      return typeof text === 'string' && text.trim() !== '' && !text.includes('\n') ? text : undefined;
    } catch {
      return undefined;
    }
  }
}
