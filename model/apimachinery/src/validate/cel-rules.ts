import { CelCostError, CelMeter, type CelProgram, compileCel } from '@flux/cel';
import { getMember, isJsonObject } from '../deep.ts';
import { duplicateValue, type FieldError, forbiddenValue, invalidValue, requiredValue } from '../field-error.ts';
import type { JsonObject, JsonValue } from '../object.ts';
import { propertySchema, type Schema, type ValidationRule } from '../schema.ts';
import { celRoot, celValue } from './cel-value.ts';
import { type Correlation, indexItems, itemKey } from './correlation.ts';
import { at, childPath, keyPath, shownPath } from './path.ts';

/** Where a rule runs: the value, the one it replaces, and what is known of a change. */
interface Site {
  readonly value: JsonValue;
  readonly old: JsonValue | undefined;
  readonly schema: Schema;
  readonly path: string;
  readonly isRoot: boolean;
  readonly correlation: Correlation | undefined;
  /** The nearest ancestor that can be compared, for values that cannot. */
  readonly ancestor: Correlation | undefined;
  readonly budget: Budget;
}

/** What the rules of one object may still cost; below 0 no more of them are run. */
interface Budget {
  left: number;
}

const callLimit = 1_000_000;
const objectLimit = 10_000_000;
const outOfBudget = 'validation failed due to running out of cost budget, no further validation rules will be run';

const ruled = new WeakMap<Schema, boolean>();

/** Whether the schema has rules anywhere; without them the walk is spared. */
export function hasRules(schema: Schema): boolean {
  let result = ruled.get(schema);
  if (result === undefined) {
    const { validations, items, additionalProperties, properties, allOf = [] } = schema;
    const below = [items, additionalProperties, ...Object.values(properties ?? {}), ...allOf];
    result = (validations?.length ?? 0) > 0 || below.some((child) => typeof child === 'object' && hasRules(child));
    ruled.set(schema, result);
  }
  return result;
}

/** Runs the CEL rules of a schema on a value and everything below it. */
export function validateRules(
  value: JsonValue,
  schema: Schema,
  options: { path: string; isRoot: boolean; old?: JsonValue | undefined; correlation?: Correlation | undefined },
): FieldError[] {
  const { path, isRoot, old, correlation } = options;
  const budget = { left: objectLimit };
  return visit({ value, old, schema, path, isRoot, correlation, ancestor: undefined, budget });
}

function visit(site: Site): FieldError[] {
  const { value, schema } = site;
  if (value === null || site.budget.left < 0 || !hasRules(schema)) return [];
  const own = (schema.validations ?? []).flatMap((rule) => (site.budget.left < 0 ? [] : runRule(rule, site)));
  const nested = (schema.allOf ?? []).flatMap((part) => (hasRules(part) ? visit(nestedSite(site, part)) : []));
  if (Array.isArray(value)) return [...own, ...nested, ...visitItems(value, site)];
  return isJsonObject(value) ? [...own, ...nested, ...visitMembers(value as JsonObject, site)] : [...own, ...nested];
}

/** Rules inside allOf see the value through the schema around them. */
function nestedSite(site: Site, part: Schema): Site {
  const properties = { ...site.schema.properties, ...part.properties };
  const schema: Schema = { ...site.schema, properties, validations: part.validations ?? [], allOf: part.allOf ?? [] };
  return { ...site, schema, correlation: undefined };
}

function visitItems(list: readonly JsonValue[], site: Site): FieldError[] {
  const { items } = site.schema;
  if (items === undefined || !hasRules(items)) return [];
  const isKeyed = site.schema.listType === 'map' && Array.isArray(site.old);
  const oldItems = isKeyed ? indexItems(site.old as JsonValue[], site.schema) : undefined;
  return list.flatMap((value, index) =>
    visit({
      ...below(site, site.correlation?.index(index)),
      value,
      old: oldItems?.get(itemKey(value, site.schema) ?? ''),
      schema: items,
      path: at(site.path, index),
    }),
  );
}

function visitMembers(object: JsonObject, site: Site): FieldError[] {
  const old = site.old !== undefined && isJsonObject(site.old) ? (site.old as JsonObject) : {};
  return Object.entries(object).flatMap(([key, value]) => {
    const property = propertySchema(site.schema, key);
    const values = site.schema.additionalProperties;
    const schema = property ?? (typeof values === 'object' ? values : undefined);
    if (schema === undefined) return [];
    const isTypeMeta = site.isRoot && (key === 'apiVersion' || key === 'kind');
    const path = property === undefined ? keyPath(site.path, key) : childPath(site.path, key);
    const correlation = isTypeMeta ? undefined : site.correlation?.key(key);
    return visit({ ...below(site, correlation), value, old: getMember(old, key), schema, path });
  });
}

function below(site: Site, correlation: Correlation | undefined): Omit<Site, 'value' | 'old' | 'schema' | 'path'> {
  return { isRoot: false, correlation, ancestor: site.correlation ?? site.ancestor, budget: site.budget };
}

interface CompiledRule {
  readonly program: CelProgram | Error;
  readonly message: CelProgram | undefined;
  readonly usesOldSelf: boolean;
}

const compiled = new WeakMap<ValidationRule, CompiledRule>();

function compile(rule: ValidationRule): CompiledRule {
  let result = compiled.get(rule);
  if (result === undefined) {
    const { rule: text, messageExpression } = rule;
    const program = compileOrError(withOldSelf(text, rule));
    const message = messageExpression ? compileOrError(withOldSelf(messageExpression, rule)) : undefined;
    const usesOldSelf = /\boldSelf\b/.test(text.replace(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/g, ''));
    result = { program, message: message instanceof Error ? undefined : message, usesOldSelf };
    compiled.set(rule, result);
  }
  return result;
}

function compileOrError(expression: string): CelProgram | Error {
  try {
    return compileCel(expression, { isMetered: true });
  } catch (error) {
    return error as Error;
  }
}

/** With optionalOldSelf the old value is an optional, which JSON cannot carry, so the expression makes it one. */
function withOldSelf(expression: string, rule: ValidationRule): string {
  if (!rule.optionalOldSelf) return expression;
  return `cel.bind(oldSelf, has_old__ ? optional.of(old__) : optional.none(), (${expression}\n))`;
}

function runRule(rule: ValidationRule, site: Site): FieldError[] {
  const { program, message, usesOldSelf } = compile(rule);
  const { type } = site.schema;
  const path = shownPath(site.path);
  if (program instanceof Error) return [invalidValue(path, type ?? '', `rule compile error: ${program.message}`)];
  if (usesOldSelf && site.old === undefined && !rule.optionalOldSelf) return [];
  if (site.budget.left <= 0) return [spend(site, callLimit, path)!];
  const variables = variablesOf(site, rule);
  const meter = new CelMeter(callLimit);
  const [holds, problem] = attempt(() => program.evaluate(variables, meter) === true);
  const exhausted = spend(site, meter.spent, path);
  if (exhausted) return [exhausted];
  if (holds) return [];
  if (problem) return [invalidValue(path, type ?? '', evaluationProblem(problem, rule, site.budget))];
  // Rules that compare with the old value are about the change, so nothing makes up for them.
  if (!usesOldSelf && (site.correlation ?? site.ancestor)?.isUnchanged) return [];
  return [failure(rule, site, messageOf(rule, message, variables, site.budget))];
}

function attempt(run: () => boolean): [holds: boolean, problem?: Error] {
  try {
    return [run()];
  } catch (error) {
    return [false, error as Error];
  }
}

/** Takes a cost from what is left for the object; the error says that it was too much. */
function spend({ budget, schema }: Site, cost: number, path: string): FieldError | undefined {
  const isTooMuch = cost > budget.left;
  budget.left = isTooMuch ? -1 : budget.left - cost;
  return isTooMuch ? invalidValue(path, schema.type ?? '', outOfBudget) : undefined;
}

function evaluationProblem(problem: Error, rule: ValidationRule, budget: Budget): string {
  if (!(problem instanceof CelCostError)) return `${problem.message} evaluating rule: ${ruleName(rule)}`;
  budget.left = -1;
  return `'${problem.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleName(rule)}`;
}

function variablesOf(site: Site, rule: ValidationRule): Record<string, unknown> {
  const view = (value: JsonValue) => (site.isRoot ? celRoot(value, site.schema) : celValue(value, site.schema));
  const self = view(site.value);
  const old = site.old === undefined ? undefined : view(site.old);
  if (rule.optionalOldSelf) return { self, has_old__: old !== undefined, old__: old ?? null };
  return old === undefined ? { self } : { self, oldSelf: old };
}

function ruleName({ message, rule }: ValidationRule): string {
  return (message || rule).trim();
}

const maxMessageLength = 5 * 1024;

/** The message expression if it gives one line of text, else the message, else the rule itself. */
function messageOf(
  rule: ValidationRule,
  expression: CelProgram | undefined,
  variables: Record<string, unknown>,
  budget: Budget,
): string {
  const text = expression && evaluateText(expression, variables, budget);
  if (text) return text;
  return rule.message ? rule.message.trim() : `failed rule: ${ruleName(rule)}`;
}

function evaluateText(expression: CelProgram, variables: Record<string, unknown>, budget: Budget): string | undefined {
  const meter = new CelMeter(Math.min(callLimit, budget.left));
  try {
    const text = expression.evaluate(variables, meter);
    if (typeof text !== 'string') return undefined;
    const trimmed = text.trim();
    return trimmed.includes('\n') || Buffer.byteLength(trimmed) > maxMessageLength ? undefined : trimmed;
  } catch {
    return undefined;
  } finally {
    budget.left = meter.spent > meter.limit ? -1 : budget.left - meter.spent;
  }
}

/** Objects and lists are not shown in the error, only scalars are. */
function failure(rule: ValidationRule, site: Site, detail: string): FieldError {
  const path = shownPath(fieldOf(rule, site));
  const isShown = site.schema.type !== 'object' && site.schema.type !== 'array';
  const value = isShown ? { value: site.value } : {};
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbiddenValue(path, detail);
    case 'FieldValueRequired':
      return requiredValue(path, detail);
    case 'FieldValueDuplicate':
      return isShown ? duplicateValue(path, site.value) : { type: 'FieldValueDuplicate', field: path, detail: '' };
    default:
      return { type: 'FieldValueInvalid', field: path, ...value, detail };
  }
}

/** `.a['b'].c` below the path of the rule. */
function fieldOf(rule: ValidationRule, site: Site): string {
  let path = site.path;
  let schema: Schema | undefined = site.schema;
  for (const match of (rule.fieldPath ?? '').matchAll(/\.([^.[\]]+)|\['((?:\\.|[^'\\])*)'\]/g)) {
    const name = match[1] ?? (match[2] ?? '').replace(/\\(.)/g, '$1');
    const property: Schema | undefined = schema && propertySchema(schema, name);
    path = property === undefined && match[1] === undefined ? keyPath(path, name) : childPath(path, name);
    schema = property;
  }
  return path;
}
