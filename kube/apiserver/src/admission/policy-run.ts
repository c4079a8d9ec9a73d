import { type KubeObject, labelSelectorFromObject } from '@flux/apimachinery';
import { type CelConversions, CelInput, CelMeter, type CelProgram } from '@flux/cel';
import { FluxError, messageOf } from '@flux/errors';
import type { Resource } from '../registry/resource.ts';
import type { WriteRequest } from '../registry/write-request.ts';
import type { Fields } from '../strategies/fields.ts';
import type { Attributes } from './attributes.ts';
import { bindingsOf } from './configurations.ts';
import { callLimit, conditionsHold, problemOf, variablesOf } from './expressions.ts';
import { coverageOf, matchesResources, matchResource } from './match.ts';
import { type PolicyProgram, programOf } from './policy-program.ts';

const group = 'admissionregistration.k8s.io';

/** Reviews are answered and not stored; no policy is asked about them. */
const reviews = new Set(['authorization.k8s.io', 'authentication.k8s.io']);

/** A policy under one of its bindings. */
export interface Bound {
  readonly policy: KubeObject;
  readonly binding: KubeObject;
  /** The resource under which the policy covers the change. */
  readonly matched: Resource;
}

/** The policies that cover a change, in the order of their bindings' names. */
export function* coveringPolicies(kind: 'mutating' | 'validating', attributes: Attributes): Generator<Bound> {
  const { api, resource } = attributes.write;
  if (reviews.has(resource.group)) return;
  for (const binding of bindingsOf(api, `${kind}Bindings`)) {
    const { policyName = '', matchResources } = binding['spec'] ?? {};
    const policy = api.find(group, `${kind}admissionpolicies`, undefined, policyName);
    const matched = policy && matchResource(coverageOf(policy['spec']?.matchConstraints), attributes);
    if (matched && matchesResources(matchResources, attributes)) yield { policy, binding, matched };
  }
}

/** A policy cannot be asked because of how it or its binding is made. */
export class PolicyConfigurationError extends FluxError {
  override readonly code = 'POLICY_CONFIGURATION';
}

/** The policy asks for parameters of a kind that is not served; no binding can help that. */
export class ParamKindError extends PolicyConfigurationError {}

/** The objects that a binding hands over to its policy; a policy that takes none is asked once, without. */
export function paramsOf({ policy, binding }: Bound, { write }: Attributes): (KubeObject | null)[] {
  const kind: Fields | undefined = policy['spec'].paramKind;
  if (!kind) return [null];
  const ref: Fields | undefined = binding['spec'].paramRef;
  const found = ref ? findParams(kind, ref, write) : [];
  if (found.length > 0 || ref?.['parameterNotFoundAction'] === 'Allow') return found;
  throw new PolicyConfigurationError(
    'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
  );
}

function findParams(kind: Fields, ref: Fields, { api, namespace }: WriteRequest): KubeObject[] {
  const resource = api.catalog.findKind(kind['apiVersion'], kind['kind']);
  if (!resource)
    throw new ParamKindError(
      `failed to configure policy: failed to find resource referenced by paramKind: '${kind['apiVersion']}, Kind=${kind['kind']}'`,
    );
  const home = resource.namespaced ? (ref['namespace'] ?? namespace) : undefined;
  const candidates = api.list(resource.group, resource.plural, home);
  if (ref['name']) return candidates.filter(({ metadata }) => metadata.name === ref['name']);
  const selector = labelSelectorFromObject(ref['selector'] ?? {});
  return candidates.filter(({ metadata }) => selector.matches(metadata.labels));
}

/** The expressions of a policy cost more than all of them may. */
export class PolicyBudgetError extends FluxError {
  override readonly code = 'POLICY_BUDGET';
}

const policyLimit = 10_000_000;

/** One evaluation of a policy's expressions, for one object of parameters. */
export class PolicyRun {
  readonly program: PolicyProgram;
  readonly #isStrict: boolean;
  readonly #input: CelInput;
  readonly #failures = new Map<string, string>();
  #left = policyLimit;

  /** The runs of one request share what they convert. */
  constructor(
    { policy, matched }: Bound,
    attributes: Attributes,
    params: KubeObject | null,
    conversions: CelConversions,
  ) {
    this.program = programOf(policy);
    this.#isStrict = policy['spec'].failurePolicy !== 'Ignore';
    this.#input = new CelInput({ ...variablesOf(attributes, matched), params }, conversions);
  }

  /** The value of an expression; throws `PolicyBudgetError` when nothing is left for it. */
  evaluate(program: CelProgram): unknown {
    return this.#metered((meter) => program.evaluate(this.#input, meter));
  }

  #metered(run: (meter: CelMeter) => unknown): unknown {
    const meter = new CelMeter(callLimit);
    try {
      return run(meter);
    } finally {
      this.#spend(meter.spent);
    }
  }

  #spend(cost: number): void {
    this.#left -= cost;
    if (this.#left >= 0) return;
    throw new PolicyBudgetError(
      'validation failed due to running out of cost budget, no further validation rules will be run',
    );
  }

  /** Whether the policy's conditions hold; after that its variables can be used. */
  begins(): boolean {
    if (!conditionsHold(this.program.matchConditions, this.#input, this.#isStrict)) return false;
    this.#setVariables();
    return true;
  }

  /** Shows the expressions that follow an object that was changed meanwhile. */
  see(object: KubeObject): void {
    this.#input.set('object', object);
    this.#setVariables();
  }

  /** What went wrong with an expression; what a variable that it uses failed with is told in place of its absence. */
  explain(program: CelProgram, error: unknown): string {
    const missing = error instanceof Error ? /^no such key: (\w+)$/.exec(error.message)?.[1] : undefined;
    const failure = missing === undefined ? undefined : this.#failures.get(missing);
    if (failure === undefined || !program.expression.includes(`variables.${missing}`)) return problemOf(program, error);
    return problemOf(
      program,
      new Error(`composited variable ${JSON.stringify(missing)} fails to evaluate: ${failure}`),
    );
  }

  /** A variable that fails is missing, which only those notice that use it. */
  #setVariables(): void {
    const variables = this.#input.setMap('variables');
    this.#failures.clear();
    for (const [name, program] of this.program.variables) {
      try {
        Object.defineProperty(variables, name, {
          value: this.#metered((meter) => program.compute(this.#input, meter)),
          enumerable: true,
        });
      } catch (error) {
        if (error instanceof PolicyBudgetError) throw error;
        this.#failures.set(name, messageOf(error));
      }
    }
  }
}
