import { quoteGo } from '@flux/gotypes';
import { compileRegexp, type Regexp } from '@flux/regexp';
import { deepEqual, getMember, isJsonObject } from '../deep.ts';
import type { JsonObject, JsonValue } from '../object.ts';
import { propertySchema, type Schema } from '../schema.ts';
import type { Correlation } from './correlation.ts';
import {
  type Finding,
  invalid,
  longerThan,
  missing,
  moreThan,
  notInEnum,
  Result,
  unlocated,
  wrongFormat,
  wrongType,
} from './finding.ts';
import { hasFormat, supportedFormat } from './formats.ts';
import { checkNumber } from './number-rules.ts';

/*
 * Follows k8s.io/kube-openapi/pkg/validation/validate, the counting of passed checks included: it decides which alternative
 * of an anyOf or oneOf is reported.
 */

/** Checks a value against a schema; what did not change since `correlation` is tolerated. */
export function validateSchema(value: JsonValue, schema: Schema, path: string, correlation?: Correlation): Result {
  const result = check(value, schema, path, correlation);
  if (!result.isValid && correlation?.isUnchanged) return new Result();
  return result;
}

function check(value: JsonValue, schema: Schema, path: string, correlation: Correlation | undefined): Result {
  const result = new Result();
  const run = (partial: Result | undefined) => {
    result.merge(partial);
    result.matched++;
  };
  if (value === null) {
    result.merge(checkType(value, schema, path));
    result.merge(checkEnum(value, schema, path));
    return result;
  }
  if (typesOf(schema).length > 0 || supportedFormat(schema) !== undefined) run(checkType(value, schema, path));
  run(checkCombinations(value, schema, path, correlation));
  if (typeof value === 'string') run(found(checkText(value, schema, path)));
  if (typeof value === 'string' && supportedFormat(schema) !== undefined) run(found(checkFormat(value, schema, path)));
  if (typeof value === 'number' || typeof value === 'bigint') {
    const numbers = found(checkNumber(value, schema, path));
    numbers.matched = 1;
    run(numbers);
  }
  if (Array.isArray(value)) run(checkList(value, schema, path, correlation));
  run(checkEnum(value, schema, path));
  if (isJsonObject(value)) run(checkObject(value as JsonObject, schema, path, correlation));
  result.matched++;
  return result;
}

function found(findings: readonly Finding[]): Result {
  const result = new Result();
  result.add(...findings);
  return result;
}

function typesOf({ type, intOrString }: Schema): string[] {
  if (intOrString) return ['integer', 'string'];
  return type === undefined ? [] : [type];
}

function typeOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function checkType(value: JsonValue, schema: Schema, path: string): Result {
  const types = typesOf(schema);
  const actual = typeOf(value);
  const wanted = types.join(',');
  if (actual === 'null') {
    return found(types.length > 0 && !schema.nullable ? [wrongType(path, wanted, 'null')] : []);
  }
  const passed = new Result();
  passed.matched = 1;
  const format = supportedFormat(schema);
  const fits = types.includes(actual) || (actual === 'integer' && types.includes('number'));
  const isTextOrList = actual === 'string' || actual === 'array';
  if (format !== undefined && !isTextOrList && !fits) return found([wrongType(path, format, nativeFormat(actual))]);
  const isNumeric = types.includes('number') || types.includes('integer');
  if (format !== undefined && isTextOrList && !isNumeric) return passed;
  return fits ? passed : found([wrongType(path, wanted, actual)]);
}

/** The format by which the server names a number. */
function nativeFormat(type: string): string {
  if (type === 'integer') return 'int64';
  return type === 'number' ? 'float64' : '';
}

function checkText(value: string, { maxLength, minLength, pattern }: Schema, path: string): Finding[] {
  const needsLength = maxLength !== undefined || minLength !== undefined;
  const length = needsLength ? [...value].length : 0;
  if (maxLength !== undefined && length > maxLength) return [longerThan(path, maxLength)];
  if (minLength !== undefined && length < minLength) {
    return [invalid(path, value, `should be at least ${minLength} chars long`)];
  }
  if (pattern === undefined || pattern === '') return [];
  const problem = patternProblem(value, pattern);
  return problem === undefined ? [] : [invalid(path, value, `should match '${problem}'`)];
}

const patterns = new Map<string, Regexp>();
const maxPatterns = 2000;

/** Patterns come from schemas and repeat with every object, so they are kept once compiled. */
function compilePattern(pattern: string): Regexp {
  let regexp = patterns.get(pattern);
  if (regexp === undefined) {
    regexp = compileRegexp(pattern);
    if (patterns.size >= maxPatterns) patterns.clear();
    patterns.set(pattern, regexp);
  }
  return regexp;
}

function patternProblem(value: string, pattern: string): string | undefined {
  try {
    return compilePattern(pattern).test(value) ? undefined : pattern;
  } catch (error) {
    return `${pattern}, but pattern is invalid: ${(error as Error).message}`;
  }
}

function checkFormat(value: string, schema: Schema, path: string): Finding[] {
  const format = supportedFormat(schema) ?? '';
  return hasFormat(value, format) ? [] : [wrongFormat(path, format, value, quoteGo(value))];
}

function checkEnum(value: JsonValue, schema: Schema, path: string): Result | undefined {
  const { enum: allowed } = schema;
  if (allowed === undefined || allowed.length === 0 || allowed.some((one) => deepEqual(one, value))) return undefined;
  return found([notInEnum(path, value, allowed)]);
}

function checkList(list: JsonValue[], schema: Schema, path: string, correlation: Correlation | undefined): Result {
  const { items, minItems, maxItems, uniqueItems } = schema;
  const result = new Result();
  if (items !== undefined) {
    list.forEach((item, index) => {
      result.merge(validateSchema(item, items, `${path}[${index}]`, correlation?.index(index)));
    });
  }
  if (minItems !== undefined && list.length < minItems) {
    result.add(invalid(path, list.length, `should have at least ${minItems} items`));
  }
  if (maxItems !== undefined && list.length > maxItems) result.add(moreThan(path, list.length, maxItems, 'items'));
  if (uniqueItems && list.some((item, index) => list.slice(0, index).some((other) => deepEqual(item, other)))) {
    result.add(invalid(path, '', "shouldn't contain duplicates"));
  }
  result.matched++;
  return result;
}

function checkObject(object: JsonObject, schema: Schema, path: string, correlation: Correlation | undefined): Result {
  const result = new Result();
  result.add(...checkSize(object, schema, path));
  for (const [key, value] of Object.entries(object)) {
    const property = propertySchema(schema, key);
    const values = schema.additionalProperties;
    if (property === undefined && values === false) {
      result.add(invalidProperty(path, key));
    } else if (property === undefined && typeof values === 'object') {
      result.merge(validateSchema(value, values, `${path}.${key}`, correlation?.key(key)));
    }
  }
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const value = getMember(object, key);
    if (value === undefined) continue;
    // The version in an old object says nothing about the new one.
    const isTypeMeta = path === '' && (key === 'kind' || key === 'apiVersion');
    const below = path === '' ? key : `${path}.${key}`;
    result.merge(validateSchema(value, property, below, isTypeMeta ? undefined : correlation?.key(key)));
  }
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(object, key)) result.add(missing(`${path}.${key}`));
  }
  return result;
}

function invalidProperty(path: string, key: string): Finding {
  const text = `${path}.${key} in body is a forbidden property`;
  const { toFieldError } = invalid(path, key, 'is a forbidden property');
  return { text, toFieldError: (prefix) => ({ ...toFieldError(prefix), detail: text }) };
}

function checkSize(object: JsonObject, { minProperties, maxProperties }: Schema, path: string): Finding[] {
  if (minProperties === undefined && maxProperties === undefined) return [];
  const size = Object.keys(object).length;
  const findings: Finding[] = [];
  if (minProperties !== undefined && size < minProperties) {
    findings.push(invalid(path, size, `should have at least ${minProperties} properties`));
  }
  if (maxProperties !== undefined && size > maxProperties) {
    findings.push(moreThan(path, size, maxProperties, 'properties'));
  }
  return findings;
}

function checkCombinations(
  value: JsonValue,
  schema: Schema,
  path: string,
  correlation: Correlation | undefined,
): Result {
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  const result = new Result();
  const results = (schemas: readonly Schema[]) => schemas.map((one) => check(value, one, path, correlation));
  if (anyOf.length > 0) mergeAnyOf(result, results(anyOf), path);
  if (oneOf.length > 0) mergeOneOf(result, results(oneOf), path);
  if (allOf.length > 0) mergeAllOf(result, results(allOf), path);
  if (not !== undefined && check(value, not, path, correlation).isValid) {
    result.add(unlocated(`${quoteGo(path)} must not validate the schema (not)`));
  }
  result.matched++;
  return result;
}

function mergeAnyOf(result: Result, alternatives: readonly Result[], path: string): void {
  const success = alternatives.find((one) => one.isValid);
  if (success === undefined) result.add(unlocated(`${quoteGo(path)} must validate at least one schema (anyOf)`));
  result.merge(success ?? closest(alternatives));
}

function mergeOneOf(result: Result, alternatives: readonly Result[], path: string): void {
  const valid = alternatives.filter((one) => one.isValid);
  if (valid.length === 1) {
    result.merge(valid[0]);
    return;
  }
  const count = valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`;
  result.add(unlocated(`${quoteGo(path)} must validate one and only one schema (oneOf). ${count}`));
  if (valid.length === 0) result.merge(closest(alternatives));
}

function mergeAllOf(result: Result, parts: readonly Result[], path: string): void {
  for (const part of parts) result.merge(part);
  const valid = parts.filter((part) => part.isValid).length;
  if (valid === parts.length) return;
  const suffix = valid === 0 ? '. None validated' : '';
  result.add(unlocated(`${quoteGo(path)} must validate all the schemas (allOf)${suffix}`));
}

/** The first of the alternatives that passed the most checks. */
function closest(alternatives: readonly Result[]): Result | undefined {
  return alternatives.reduce<Result | undefined>(
    (best, one) => (best === undefined || one.matched > best.matched ? one : best),
    undefined,
  );
}
