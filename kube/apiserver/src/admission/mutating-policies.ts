import {
  ApplyConfigurationError,
  applyJsonPatch,
  deepEqual,
  type JsonValue,
  type KubeObject,
  mergeConfiguration,
  StatusError,
} from '@flux/apimachinery';
import { type CelConversions, CelError, CelTypeNameError } from '@flux/cel';
import { messageOf } from '@flux/errors';
import { apiVersionOf, type Resource } from '../registry/resource.ts';
import { failure } from '../status.ts';
import { type Attributes, atVersion, convert, nameOf } from './attributes.ts';
import { ConditionError } from './expressions.ts';
import type { PolicyProgram } from './policy-program.ts';
import {
  type Bound,
  coveringPolicies,
  ParamKindError,
  PolicyConfigurationError,
  PolicyRun,
  paramsOf,
} from './policy-run.ts';
import type { Reinvocation } from './reinvocation.ts';
import { decodeMutated } from './webhooks.ts';

/**
 * MutatingAdmissionPolicies: each binding of a policy that covers the change is carried out in the order of their names,
 * each on what those before it left. Deletions have nothing to change.
 */
export function applyMutatingPolicies(attributes: Attributes, reinvocation: Reinvocation): void {
  if (attributes.operation === 'DELETE') return;
  const problems: Problem[] = [];
  const conversions: CelConversions = new WeakMap();
  for (const bound of coveringPolicies('mutating', attributes)) {
    const isStrict = bound.policy['spec'].failurePolicy !== 'Ignore';
    const tell = (error: Error) => isStrict && problems.push(describe(bound, error));
    try {
      for (const params of paramsOf(bound, attributes)) {
        const run = new PolicyRun(bound, attributes, params, conversions);
        mutateWith(run, bound, attributes, params, reinvocation, tell);
      }
    } catch (error) {
      if (!isPolicyProblem(error)) throw error;
      tell(error);
    }
  }
  if (problems.length > 0) throw refusal(attributes, problems);
}

function isPolicyProblem(error: unknown): error is Error {
  return (
    error instanceof ConditionError ||
    error instanceof PolicyConfigurationError ||
    error instanceof ApplyConfigurationError ||
    error instanceof MutationError ||
    error instanceof CelError
  );
}

/** An expression of a policy does not evaluate, or its result does not apply. */
class MutationError extends Error {}

interface Problem {
  readonly message: string;
  readonly reason: string;
}

function describe({ policy, binding }: Bound, error: Error): Problem {
  const reason = error instanceof PolicyConfigurationError ? 'Forbidden' : 'Invalid';
  const { name } = policy.metadata;
  const who =
    error instanceof ParamKindError
      ? `policy ${JSON.stringify(name)}`
      : `policy '${name}' with binding '${binding.metadata.name}'`;
  return { message: `${who} denied request: ${error.message}`, reason };
}

/** The first problem is the message, all of them are the causes. */
function refusal(attributes: Attributes, problems: readonly Problem[]): StatusError {
  const { group, plural } = attributes.write.resource;
  const causes = problems.map(({ message }) => ({ message }));
  const [{ reason, message }] = problems as [Problem];
  return failure(403, reason, message, { name: nameOf(attributes), group, kind: plural, causes });
}

function mutateWith(
  run: PolicyRun,
  bound: Bound,
  attributes: Attributes,
  params: KubeObject | null,
  reinvocation: Reinvocation,
  tell: (error: Error) => void,
): void {
  const { policy, binding, matched } = bound;
  const { resource } = attributes.write;
  if (!run.begins()) return;
  const { namespace = '', name = '' } = params?.metadata ?? {};
  const id = `${policy.metadata.name}/${binding.metadata.name}/${namespace}/${name}`;
  if (!reinvocation.runs(id)) return;
  const before = atVersion(attributes.object, resource, matched);
  let object = before;
  if (object) {
    for (const mutation of run.program.mutations) {
      try {
        object = decodeMutated(matched, mutated(mutation, run, object, matched), true);
        run.see(object);
      } catch (error) {
        if (!isPolicyProblem(error)) throw error;
        tell(error);
      }
    }
  }
  if (object && !deepEqual(object, before)) {
    attributes.object = convert(object, matched, resource);
    reinvocation.changed();
  }
  reinvocation.ran(id, policy['spec'].reinvocationPolicy);
}

type Mutation = PolicyProgram['mutations'][number];

function mutated({ patchType, expression }: Mutation, run: PolicyRun, object: KubeObject, matched: Resource): unknown {
  let result: unknown;
  try {
    result = run.evaluate(expression);
  } catch (error) {
    if (error instanceof CelTypeNameError) throw error;
    throw new MutationError(run.explain(expression, error));
  }
  if (patchType === 'JSONPatch') return patched(object, result);
  const configuration = { ...(result as object), apiVersion: apiVersionOf(matched), kind: matched.kind };
  return mergeConfiguration(object, configuration as unknown as JsonValue, matched.schema());
}

/** A test that fails means that there is nothing to do. */
function patched(object: KubeObject, operations: unknown): unknown {
  try {
    return applyJsonPatch(object as unknown as JsonValue, operations);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const why = messageOf(error.cause ?? error);
    if (why.endsWith('test failed')) return object;
    throw new MutationError(`JSON Patch: ${why}`);
  }
}
