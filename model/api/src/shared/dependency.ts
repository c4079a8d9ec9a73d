import { obj, only, required, str } from '../schema/schema.ts';

/** An entry of `spec.dependsOn`; expressions are there in these versions. */
export function dependencyOn(kind: string, expressionVersions: readonly string[]) {
  return obj(`A ${kind} that has to be ready first.`, {
    name: required(str(`Name of the ${kind}.`)),
    namespace: str("Its namespace; this object's by default."),
    readyExpr: only(
      expressionVersions,
      str('CEL expression over self and dep that decides readiness in place of the built-in check.'),
    ),
  });
}
