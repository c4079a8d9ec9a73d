import { compareCodePoints } from '@flux/gotypes';
import type { CompiledSchema } from './compiled-schema.ts';
import { evaluateArray } from './evaluate-array.ts';
import { evaluateObject } from './evaluate-object.ts';
import { evaluateNumber, evaluateText } from './evaluate-scalar.ts';
import type { Evaluation } from './evaluation.ts';
import { SchemaError } from './schema-error.ts';
import { appendPointer } from './schema-url.ts';
import { display, equals, groupDigits, isObject, type JsonObject, numberOf, typeOf } from './schema-value.ts';
import type { Issue } from './validation-issue.ts';

/** What the check of a schema itself adds: the schemas of schemas that parts of it ask for, by their pointer. */
export interface MetaOptions {
  schema: CompiledSchema;
  /** Absent when all of the schema is of one draft. */
  find?: (pointer: string) => CompiledSchema | undefined;
}

/** Validates a value; the issues at the top, none when it is valid. */
export function evaluate(schema: CompiledSchema, value: unknown, meta?: MetaOptions): readonly Issue[] {
  const run: Run = { meta, steps: 0, names: new WeakMap() };
  const issue = new SchemaEvaluation(run, {
    schema,
    value,
    path: undefined,
    scope: undefined,
    quick: false,
    value_: 0,
  }).run();
  if (issue === undefined) return [];
  return issue.kind === 'group' ? issue.causes : [issue];
}

interface Run {
  meta: MetaOptions | undefined;
  steps: number;
  /** The sorted names of objects, which one schema after the other asks for. */
  names: WeakMap<object, readonly string[]>;
}

/** The way to a value, its end first; written out only for an issue. */
interface Path {
  token: string;
  parent: Path | undefined;
}

/** Schemas that refer to each other twice can ask for 2^n steps; those of schemas do not. */
const maxSteps = 1_000_000;

/** The schemas that led here; those with one number judge the same value. */
interface Scope {
  schema: CompiledSchema;
  keyword: string;
  value: number;
  parent: Scope | undefined;
}

interface Task {
  schema: CompiledSchema;
  value: unknown;
  path: Path | undefined;
  scope: Scope | undefined;
  /** Only whether it is valid matters. */
  quick: boolean;
  /** Numbers the value for the scope. */
  value_: number;
  keyword?: string;
  /** The caller wants to know what was evaluated. */
  tracks?: boolean;
}

const anyIssue: Issue = { path: [], message: '', causes: [] };

/** One schema and one value. */
class SchemaEvaluation implements Evaluation {
  readonly schema: CompiledSchema;
  readonly value: unknown;
  readonly path: Path | undefined;
  readonly quick: boolean;
  readonly issues: Issue[] = [];
  readonly unevaluated: { properties?: Set<string>; items?: Set<number> } = {};
  readonly #run: Run;
  readonly #scope: Scope;

  constructor(run: Run, { schema, value, path, scope, quick, value_, keyword = '', tracks = false }: Task) {
    this.#run = run;
    this.value = value;
    this.path = path;
    this.quick = quick;
    this.schema = this.#metaschemaFor(schema);
    this.#scope = { schema: this.schema, keyword, value: value_, parent: scope };
    if (++run.steps > maxSteps && run.meta === undefined)
      throw new SchemaError('the schema takes too many steps to validate with');
    this.#track(schema, tracks);
  }

  run(): Issue | undefined {
    const { schema, value } = this;
    if (schema.always !== undefined) return schema.always ? undefined : this.issue('false schema');
    const cycle = this.#findCycle();
    if (cycle) return cycle;
    const failure = this.#evaluateAny();
    if (failure) return failure;
    if (schema.ref) {
      const issue = this.#evaluateReference(schema.ref, '$ref');
      if (schema.draft < 2019) return issue;
      this.addIssue(issue);
    }
    if (Array.isArray(value)) evaluateArray(this, value);
    else if (isObject(value)) evaluateObject(this, value);
    else if (typeof value === 'string') evaluateText(this, value);
    else if (typeof value !== 'boolean' && value !== null) evaluateNumber(this, value);
    if (this.issues.length === 0 || !this.quick) this.#evaluateRest();
    if (this.issues.length <= 1) return this.issues[0];
    return { ...this.issue('validation failed'), causes: this.issues, kind: 'group' };
  }

  same(schema: CompiledSchema, options: { keyword?: string; quick?: boolean } = {}): Issue | undefined {
    const child = new SchemaEvaluation(this.#run, {
      schema,
      value: this.value,
      path: this.path,
      scope: this.#scope,
      quick: this.quick || (options.quick ?? false),
      value_: this.#scope.value,
      keyword: options.keyword ?? '',
      tracks: this.#hasUnevaluated(),
    });
    const issue = child.run();
    if (issue === undefined) this.#takeOver(child);
    return issue;
  }

  below(schema: CompiledSchema, value: unknown, token: string): Issue | undefined {
    return new SchemaEvaluation(this.#run, {
      schema,
      value,
      path: { token, parent: this.path },
      scope: this.#scope,
      quick: this.quick,
      value_: this.#scope.value + 1,
    }).run();
  }

  apart(schema: CompiledSchema, value: unknown): readonly Issue[] {
    return evaluate(schema, value, this.#run.meta);
  }

  issue(message: string, causes: readonly Issue[] = []): Issue {
    return this.quick ? anyIssue : { path: tokensOf(this.path), message, causes };
  }

  addIssue(issue: Issue | undefined): void {
    if (issue) this.issues.push(issue);
  }

  add(message: string, causes: readonly Issue[] = []): void {
    this.issues.push(this.issue(message, causes));
  }

  namesOf(object: JsonObject): readonly string[] {
    const known = this.#run.names.get(object);
    if (known) return known;
    const names = Object.keys(object).sort(compareCodePoints);
    this.#run.names.set(object, names);
    return names;
  }

  get isDone(): boolean {
    return this.quick && this.issues.length > 0;
  }

  /** A schema inside of the schema that is checked may be of another draft. */
  #metaschemaFor(schema: CompiledSchema): CompiledSchema {
    const { meta } = this.#run;
    if (meta?.find === undefined || schema !== meta.schema) return schema;
    return meta.find(appendPointer('', ...tokensOf(this.path))) ?? schema;
  }

  #track(schema: CompiledSchema, tracks: boolean): void {
    const { value } = this;
    if (Array.isArray(value)) {
      const seen = schema.prefixItems?.length ?? 0;
      if (schema.items !== undefined || !(tracks || schema.unevaluatedItems) || seen >= value.length) return;
      this.unevaluated.items = new Set(value.keys().drop(seen));
    } else if (isObject(value) && schema.additionalProperties === undefined) {
      if (tracks || schema.unevaluatedProperties) this.unevaluated.properties = new Set(Object.keys(value));
    }
  }

  #hasUnevaluated(): boolean {
    return (this.unevaluated.properties?.size ?? 0) + (this.unevaluated.items?.size ?? 0) > 0;
  }

  #takeOver({ unevaluated }: SchemaEvaluation): void {
    const { properties, items } = this.unevaluated;
    for (const name of properties ?? []) if (!unevaluated.properties?.has(name)) properties?.delete(name);
    for (const index of items ?? []) if (!unevaluated.items?.has(index)) items?.delete(index);
  }

  #findCycle(): Issue | undefined {
    const { value } = this.#scope;
    for (let scope = this.#scope.parent; scope?.value === value; scope = scope.parent) {
      if (scope.schema !== this.schema) continue;
      const [here, there] = [keywordLocation(this.#scope), keywordLocation(scope)];
      return this.issue(
        `both ${here} and ${there} resolve to ${JSON.stringify(this.schema.location)} causing reference cycle`,
      );
    }
    return undefined;
  }

  /** What holds for values of any type; the first failure is the only one. */
  #evaluateAny(): Issue | undefined {
    const { schema, value } = this;
    const type = typeOf(value);
    if (type === undefined) return this.issue('invalid jsonType');
    if (schema.types && !matchesType(schema.types, type, value)) {
      return this.issue(`got ${type}, want ${schema.types.join(' or ')}`);
    }
    if (schema.constant && !equals(value, schema.constant.value)) {
      const wanted = schema.constant.value;
      return this.issue(isStructure(wanted) ? "'const' failed" : `value must be ${display(wanted)}`);
    }
    if (schema.enum && !schema.enum.some((item) => equals(value, item))) return this.issue(enumMessage(schema.enum));
    const problem = schema.format && typeof value === 'string' ? schema.format.check(value) : undefined;
    return problem === undefined
      ? undefined
      : this.issue(`${display(value)} is not valid ${schema.format?.name}: ${problem}`);
  }

  #evaluateReference(target: CompiledSchema, keyword: string): Issue | undefined {
    const issue = this.same(target, { keyword });
    if (issue === undefined) return undefined;
    const causes = issue.kind === 'group' ? issue.causes : [issue];
    return { ...this.issue('validation failed', causes), kind: 'reference' };
  }

  #evaluateRest(): void {
    const { schema } = this;
    if (schema.recursiveRef) {
      const target = schema.recursiveRef.recursiveAnchor
        ? this.#outermostRecursive(schema.recursiveRef)
        : schema.recursiveRef;
      this.addIssue(this.#evaluateReference(target, '$recursiveRef'));
    }
    if (schema.dynamicRef) {
      const { schema: target, anchor } = schema.dynamicRef;
      const isDynamic = anchor !== '' && target.dynamicAnchor === anchor;
      this.addIssue(
        this.#evaluateReference(isDynamic ? this.#outermostDynamic(anchor, target) : target, '$dynamicRef'),
      );
    }
    this.#evaluateConditions();
    if (schema.draft >= 2019) this.#evaluateUnevaluated();
  }

  #outermostRecursive(fallback: CompiledSchema): CompiledSchema {
    let found = fallback;
    for (let scope: Scope | undefined = this.#scope; scope; scope = scope.parent) {
      if (scope.schema.resource.recursiveAnchor) found = scope.schema;
    }
    return found;
  }

  #outermostDynamic(anchor: string, fallback: CompiledSchema): CompiledSchema {
    let found = fallback;
    for (let scope: Scope | undefined = this.#scope; scope; scope = scope.parent) {
      found = scope.schema.resource.dynamicAnchors?.get(anchor) ?? found;
    }
    return found;
  }

  #evaluateConditions(): void {
    const { schema } = this;
    if (schema.not && this.same(schema.not, { quick: true }) === undefined) this.add("'not' failed");
    if (schema.allOf) this.#evaluateAllOf(schema.allOf);
    if (schema.anyOf?.length) this.#evaluateAnyOf(schema.anyOf);
    if (schema.oneOf?.length) this.#evaluateOneOf(schema.oneOf);
    if (!schema.if) return;
    const branch = this.same(schema.if, { quick: true }) === undefined ? schema.then : schema.else;
    if (branch) this.addIssue(this.same(branch));
  }

  #evaluateAllOf(schemas: readonly CompiledSchema[]): void {
    const issues: Issue[] = [];
    for (const schema of schemas) {
      const issue = this.same(schema);
      if (issue) issues.push(issue);
      if (issue && this.quick) break;
    }
    if (issues.length > 0) this.add("'allOf' failed", issues);
  }

  #evaluateAnyOf(schemas: readonly CompiledSchema[]): void {
    const issues: Issue[] = [];
    let hasMatch = false;
    for (const schema of schemas) {
      const issue = this.same(schema);
      if (issue) issues.push(issue);
      else {
        hasMatch = true;
        // All have their say only where it matters what they evaluate.
        if (!this.#hasUnevaluated()) break;
      }
    }
    if (!hasMatch) this.add("'anyOf' failed", issues);
  }

  #evaluateOneOf(schemas: readonly CompiledSchema[]): void {
    const issues: Issue[] = [];
    let match = -1;
    for (const [index, schema] of schemas.entries()) {
      const issue = this.same(schema, { quick: match >= 0 });
      if (issue) issues.push(issue);
      else if (match < 0) match = index;
      else {
        this.add(`'oneOf' failed, subschemas ${groupDigits(match)}, ${groupDigits(index)} matched`);
        return;
      }
    }
    if (match < 0) this.add("'oneOf' failed, none matched", issues);
  }

  #evaluateUnevaluated(): void {
    const { schema, value, unevaluated } = this;
    if (schema.unevaluatedProperties && isObject(value)) {
      const names = [...(unevaluated.properties ?? [])].sort(compareCodePoints);
      for (const name of names) this.addIssue(this.below(schema.unevaluatedProperties, value[name], name));
      unevaluated.properties?.clear();
    }
    if (schema.unevaluatedItems && Array.isArray(value)) {
      for (const index of unevaluated.items ?? []) {
        this.addIssue(this.below(schema.unevaluatedItems, value[index], String(index)));
      }
      unevaluated.items?.clear();
    }
  }
}

function tokensOf(path: Path | undefined): string[] {
  const tokens: string[] = [];
  for (let at = path; at; at = at.parent) tokens.push(at.token);
  return tokens.reverse();
}

function matchesType(types: readonly string[], type: string, value: unknown): boolean {
  if (types.includes(type)) return true;
  return type === 'number' && types.includes('integer') && Number.isInteger(numberOf(value));
}

function isStructure(value: unknown): boolean {
  return Array.isArray(value) || isObject(value);
}

function enumMessage(values: readonly unknown[]): string {
  if (values.some(isStructure)) return "'enum' failed";
  const shown = values.map(display).join(', ');
  return values.length === 1 ? `value must be ${shown}` : `value must be one of ${shown}`;
}

/** The keywords that led to a schema, through references. */
function keywordLocation(scope: Scope): string {
  let location = '';
  for (let at = scope; at.parent; at = at.parent) {
    const step = at.keyword === '' ? at.schema.location.slice(at.parent.schema.location.length) : `/${at.keyword}`;
    location = step + location;
  }
  return location;
}
