import { internalError } from '@flux/apimachinery';
import { type CelDeclaration, CelError, CelProgramError, CelScope, type CheckedCel, checkCel } from '@flux/cel';
import { type FieldError, GoStructValue, invalidField } from '../status.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { type Declared, declare, maxRequestBytes } from './declaration.ts';
import { RuleBudget } from './rule-costs.ts';

/** A schema on the way through all of them. */
interface Site {
  readonly schema: Fields;
  readonly path: string;
  readonly declared: Declared | undefined;
  /** How often the value can be in one object; `undefined` when nothing bounds it. */
  readonly count: number | undefined;
  /** The first list around it whose items cannot be told apart, so that they have no old value. */
  readonly uncorrelated: string | undefined;
}

/** Compiles all rules of a structural schema; what is in or below one of the `broken` paths is not looked at. */
export function ruleErrors(schema: Fields, path: string, broken: readonly string[]): FieldError[] {
  if (!hasRules(schema)) return [];
  const compiler = new Compiler(broken);
  compiler.visit({ schema, path, declared: declare(schema, true), count: 1, uncorrelated: undefined });
  return [...compiler.errors, ...compiler.budget.totalErrors(path)];
}

function childrenOf(schema: Fields): Fields[] {
  const { properties = {}, items, additionalProperties: values } = schema;
  return [...Object.values<Fields>(properties), items, values].filter(isSchema);
}

function hasRules(schema: Fields): boolean {
  return list(schema['x-kubernetes-validations']).length > 0 || childrenOf(schema).some(hasRules);
}

function isSchema(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

class Compiler {
  readonly errors: FieldError[] = [];
  readonly budget = new RuleBudget();
  readonly #broken: readonly string[];

  constructor(broken: readonly string[]) {
    this.#broken = broken;
  }

  visit(site: Site): void {
    const { schema, path, declared } = site;
    const { properties = {}, items, additionalProperties: values } = schema;
    if (isSchema(values)) this.#below(site, values, `${path}.additionalProperties`, declared?.element);
    for (const [name, property] of Object.entries<Fields>(properties)) {
      this.#below(site, property, `${path}.properties[${name}]`, declared?.fields?.get(name));
    }
    const uncorrelated = site.uncorrelated ?? (schema['x-kubernetes-list-type'] === 'map' ? undefined : path);
    if (isSchema(items)) this.#below({ ...site, uncorrelated }, items, `${path}.items`, declared?.element);
    this.#compileRules(site);
  }

  #below(site: Site, schema: Fields, path: string, known: Declared | undefined): void {
    const most = mostChildren(site.schema);
    const count = site.count === undefined || most === undefined ? undefined : site.count * most;
    const declared = known ?? declare(schema, schema['x-kubernetes-embedded-resource'] === true);
    this.visit({ schema, path, declared, count, uncorrelated: site.uncorrelated });
  }

  #compileRules(site: Site): void {
    const { schema, declared } = site;
    const path = `${site.path}.x-kubernetes-validations`;
    const rules = list(schema['x-kubernetes-validations']);
    if (rules.length === 0 || this.#broken.some((field) => field.startsWith(site.path))) return;
    if (!declared) {
      const why = 'unable to convert structural schema to CEL declarations';
      const what = 'internal error: failed to construct type information for x-kubernetes-validations rules';
      this.errors.push(internalError(path, `${what}: ${why}`));
      return;
    }
    const scopes = new Scopes(declared.declaration);
    for (const [index, rule] of rules.entries()) this.#compileRule(rule, `${path}[${index}]`, site, declared, scopes);
  }

  #compileRule(rule: Fields, path: string, site: Site, { declaration, minSize }: Declared, scopes: Scopes): void {
    const scope = scopes.of(rule);
    const [checked, problem] = attempt(rule['rule'], scope, 'bool', 'cel expression must evaluate to a bool');
    const times = site.count ?? Math.floor(maxRequestBytes / (minSize + 1));
    const cost = checked ? checked.estimate(declaration) * times : 0;
    this.errors.push(...this.budget.count(`${path}.rule`, 'rule', cost));
    if (problem) this.errors.push(invalidField(`${path}.rule`, shownRule(rule), problem));
    else if (rule['messageExpression']) this.#compileMessage(rule, path, scope, declaration);
    this.errors.push(...changeErrors(rule, path, checked, site.uncorrelated));
  }

  #compileMessage(rule: Fields, path: string, scope: CelScope, declaration: CelDeclaration): void {
    const at = `${path}.messageExpression`;
    const why = 'messageExpression must evaluate to a string';
    const [checked, problem] = attempt(rule['messageExpression'], scope, 'string', why, 'messageExpression ');
    if (problem) this.errors.push(invalidField(at, shownRule(rule), problem));
    else this.errors.push(...this.budget.count(at, 'messageExpression', checked!.estimate(declaration)));
  }
}

function mostChildren({ type, additionalProperties, maxProperties, maxItems }: Fields): number | undefined {
  const most = type === 'array' ? maxItems : type === 'object' && additionalProperties ? maxProperties : 1;
  return most === undefined ? undefined : Math.max(0, most);
}

/** The names that the rules of one value may use; with `optionalOldSelf` the old value may be absent. */
class Scopes {
  readonly #declaration: CelDeclaration;
  #usual: CelScope | undefined;
  #optional: CelScope | undefined;

  constructor(declaration: CelDeclaration) {
    this.#declaration = declaration;
  }

  of(rule: Fields): CelScope {
    const self = this.#declaration;
    if (!rule['optionalOldSelf']) {
      this.#usual ??= makeScope(self, self);
      return this.#usual;
    }
    this.#optional ??= makeScope(self, { kind: 'optional', maxElements: 0, element: self });
    return this.#optional;
  }
}

/** Kubernetes puts a number behind the name of the type, so that nobody writes it into a rule. */
function makeScope(self: CelDeclaration, oldSelf: CelDeclaration): CelScope {
  return new CelScope({ self, oldSelf }, { names: { self: 'selfType', oldSelf: 'selfType' } });
}

function attempt(
  expression: string,
  scope: CelScope,
  type: string,
  wrongType: string,
  subject = '',
): [checked: CheckedCel | undefined, problem?: string] {
  try {
    const checked = checkCel(expression, scope);
    return checked.type === type ? [checked] : [undefined, wrongType];
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    if (!(error instanceof CelProgramError)) return [undefined, `${subject}compilation failed: ${error.message}`];
    const step = subject === '' ? 'program instantiation' : `${subject}instantiation`;
    return [undefined, `${step} failed: ${error.message}`];
  }
}

/** Rules about a change need an old value; those that are about none need not say what to do without one. */
function changeErrors(
  rule: Fields,
  path: string,
  checked: CheckedCel | undefined,
  uncorrelated: string | undefined,
): FieldError[] {
  if (checked?.uses('oldSelf')) {
    if (uncorrelated === undefined) return [];
    const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`;
    return [invalidField(`${path}.rule`, rule['rule'], why)];
  }
  if (rule['optionalOldSelf'] === undefined) return [];
  const why = 'may not be set if oldSelf is not used in rule';
  return [invalidField(`${path}.optionalOldSelf`, rule['optionalOldSelf'], why)];
}

/** The rule as Go's internal type prints it in an error. */
function shownRule({
  rule,
  message = '',
  messageExpression = '',
  reason = null,
  fieldPath = '',
  optionalOldSelf = null,
}: Fields): GoStructValue {
  return new GoStructValue({
    Rule: rule,
    Message: message,
    MessageExpression: messageExpression,
    Reason: reason,
    FieldPath: fieldPath,
    OptionalOldSelf: optionalOldSelf,
  });
}
