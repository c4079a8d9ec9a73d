import type { Evaluation } from './evaluation.ts';
import { groupDigits, type JsonObject, quote } from './schema-value.ts';
import type { Issue } from './validation-issue.ts';

/** The keywords that are for objects. Properties are taken in the order of their names; upstream's order is random. */
export function evaluateObject(evaluation: Evaluation, object: JsonObject): void {
  const { schema } = evaluation;
  const names = evaluation.namesOf(object);
  const { minProperties, maxProperties } = schema;
  if (minProperties !== undefined && names.length < minProperties) {
    evaluation.add(`minProperties: got ${groupDigits(names.length)}, want ${groupDigits(minProperties)}`);
  }
  if (maxProperties !== undefined && names.length > maxProperties) {
    evaluation.add(`maxProperties: got ${groupDigits(names.length)}, want ${groupDigits(maxProperties)}`);
  }
  const missing = missingOf(object, schema.required ?? []);
  if (missing.length > 0) {
    const what = missing.length === 1 ? 'property' : 'properties';
    evaluation.add(`missing ${what} ${missing.map(quote).join(', ')}`);
  }
  if (evaluation.isDone) return;
  evaluateDependencies(evaluation, object);
  evaluateProperties(evaluation, object, names);
  if (schema.propertyNames) {
    for (const name of names) evaluateName(evaluation, name);
  }
  for (const [name, dependent] of schema.dependentSchemas ?? []) {
    if (Object.hasOwn(object, name)) evaluation.addIssue(evaluation.same(dependent));
  }
  for (const [name, required] of schema.dependentRequired ?? []) addMissing(evaluation, object, { name, required });
}

function evaluateProperties(evaluation: Evaluation, object: JsonObject, names: readonly string[]): void {
  const { properties, patternProperties, additionalProperties } = evaluation.schema;
  if (!properties && !patternProperties && additionalProperties === undefined) return;
  const additional: string[] = [];
  for (const name of names) {
    if (evaluation.isDone) return;
    const isKnown = evaluateProperty(evaluation, name, object[name]);
    if (!isKnown) {
      if (additionalProperties === undefined) continue;
      if (additionalProperties === false) additional.push(name);
      else if (additionalProperties !== true) {
        evaluation.addIssue(evaluation.below(additionalProperties, object[name], name));
      }
    }
    evaluation.unevaluated.properties?.delete(name);
  }
  if (additional.length > 0) {
    evaluation.add(`additional properties ${additional.map(quote).join(', ')} not allowed`);
  }
}

/** Whether the schema speaks of the property, by its name or a pattern. */
function evaluateProperty(evaluation: Evaluation, name: string, value: unknown): boolean {
  const { properties, patternProperties } = evaluation.schema;
  const own = properties?.get(name);
  if (own) evaluation.addIssue(evaluation.below(own, value, name));
  let isKnown = own !== undefined;
  for (const { regexp, schema } of patternProperties ?? []) {
    if (!regexp.test(name)) continue;
    isKnown = true;
    evaluation.addIssue(evaluation.below(schema, value, name));
  }
  return isKnown;
}

function evaluateDependencies(evaluation: Evaluation, object: JsonObject): void {
  for (const [name, dependency] of evaluation.schema.dependencies ?? []) {
    if (!Object.hasOwn(object, name)) continue;
    if (isList(dependency)) addMissing(evaluation, object, { name, required: dependency });
    else evaluation.addIssue(evaluation.same(dependency));
  }
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}

function addMissing(
  evaluation: Evaluation,
  object: JsonObject,
  { name, required }: { name: string; required: readonly string[] },
): void {
  const missing = Object.hasOwn(object, name) ? missingOf(object, required) : [];
  if (missing.length === 0) return;
  evaluation.add(`properties ${missing.map(quote).join(', ')} required, if ${quote(name)} exists`);
}

function evaluateName(evaluation: Evaluation, name: string): void {
  const schema = evaluation.schema.propertyNames;
  const causes: readonly Issue[] = schema ? evaluation.apart(schema, name) : [];
  if (causes.length > 0) evaluation.add(`invalid propertyName ${quote(name)}`, causes);
}

function missingOf(object: JsonObject, required: readonly string[]): string[] {
  return required.filter((name) => !Object.hasOwn(object, name));
}
