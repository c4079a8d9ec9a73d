import { type CelDeclaration, estimateCel } from '@flux/cel';
import { type FieldError, forbiddenField } from '../status.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { type Declared, declare, maxRequestBytes } from './declaration.ts';

const ruleLimit = 10_000_000;
const schemaLimit = 100_000_000;
const mostNamed = 4;

interface Walk {
  readonly schema: Fields;
  readonly path: string;
  readonly declared: Declared | undefined;
  /** How often the value can be in one object; `undefined` when nothing bounds it. */
  readonly count: number | undefined;
}

interface RuleCost {
  readonly path: string;
  readonly cost: number;
}

export interface CostOptions {
  /** The schema is stored already, so that single rules may cost what they cost. */
  isUnchanged?: boolean;
}

/**
 * Refuses rules that could cost too much, as Kubernetes estimates it from the limits of lists, maps and texts: ten million
 * units for a rule, a hundred million for a schema.
 */
export function costErrors(schema: Fields, path: string, { isUnchanged = false }: CostOptions = {}): FieldError[] {
  const costs: RuleCost[] = [];
  const errors: FieldError[] = [];
  const observe = (at: string, name: string, cost: number) => {
    costs.push({ path: at, cost });
    if (!isUnchanged && cost > ruleLimit)
      errors.push(forbiddenField(at, excess(`estimated ${name} cost`, cost, ruleLimit)));
  };
  walk({ schema, path, declared: declare(schema, true), count: 1 }, observe);
  const total = costs.reduce((sum, { cost }) => sum + cost, 0);
  if (total <= schemaLimit) return errors;
  const named = costs.filter(({ cost }) => cost >= schemaLimit / 100).sort((a, b) => b.cost - a.cost);
  const contributed = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
  const subject = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
  return [
    ...errors,
    ...named.slice(0, mostNamed).map((rule) => forbiddenField(rule.path, contributed)),
    forbiddenField(path, excess(subject, total, schemaLimit)),
  ];
}

function excess(subject: string, cost: number, limit: number): string {
  const times = cost / limit;
  const factor = times > 100 ? 'more than 100' : times < 1.5 ? times.toFixed(6) : oneDecimal(times);
  return `${subject} exceeds budget by factor of ${factor}x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

/** Go's `%.1f`: what lies in the middle goes to the even side. */
function oneDecimal(value: number): string {
  const tenths = value * 10;
  const isMiddle = tenths % 1 === 0.5;
  return isMiddle ? ((Math.round(tenths / 2) * 2) / 10).toFixed(1) : value.toFixed(1);
}

type Observe = (path: string, name: string, cost: number) => void;

function walk(site: Walk, observe: Observe): void {
  const { schema, path, declared, count } = site;
  const most = mostChildren(schema);
  const inner = count === undefined || most === undefined ? undefined : count * most;
  const below = (child: Fields, at: string, known: Declared | undefined) => {
    const isEmbedded = child['x-kubernetes-embedded-resource'] === true;
    walk({ schema: child, path: at, declared: known ?? declare(child, isEmbedded), count: inner }, observe);
  };
  const { properties = {}, items, additionalProperties: values } = schema;
  if (isSchema(values)) below(values, `${path}.additionalProperties`, declared?.element);
  for (const [name, property] of Object.entries<Fields>(properties)) {
    below(property, `${path}.properties[${name}]`, declared?.fields?.get(name));
  }
  if (isSchema(items)) below(items, `${path}.items`, declared?.element);
  if (declared) observeRules(site, declared, observe);
}

function isSchema(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function mostChildren({ type, additionalProperties, maxProperties, maxItems }: Fields): number | undefined {
  const most = type === 'array' ? maxItems : type === 'object' && additionalProperties ? maxProperties : 1;
  return most === undefined ? undefined : Math.max(0, most);
}

function observeRules({ schema, path, count }: Walk, { declaration, minSize }: Declared, observe: Observe): void {
  const times = count ?? Math.floor(maxRequestBytes / (minSize + 1));
  for (const [index, rule] of list(schema['x-kubernetes-validations']).entries()) {
    const at = `${path}.x-kubernetes-validations[${index}]`;
    const old: CelDeclaration = rule['optionalOldSelf']
      ? { kind: 'optional', maxElements: 0, element: declaration }
      : declaration;
    const cost = (text: string) => estimateCel(text, { self: declaration, oldSelf: old }, declaration);
    observe(`${at}.rule`, 'rule', cost(rule['rule']) * times);
    if (rule['messageExpression'])
      observe(`${at}.messageExpression`, 'messageExpression', cost(rule['messageExpression']));
  }
}
