import { type FieldError, forbiddenField } from '../status.ts';

const ruleLimit = 10_000_000;
const schemaLimit = 100_000_000;
const mostNamed = 4;

interface RuleCost {
  readonly path: string;
  readonly cost: number;
}

/**
 * What the rules of a schema may cost, as Kubernetes estimates it from the limits of lists, maps and texts: ten million
 * units for a rule, a hundred million for all of them.
 */
export class RuleBudget {
  readonly #costs: RuleCost[] = [];

  /** Counts a rule or its message; the errors say that it costs too much by itself. */
  count(path: string, name: 'rule' | 'messageExpression', cost: number): FieldError[] {
    this.#costs.push({ path, cost });
    return cost > ruleLimit ? [forbiddenField(path, excess(`estimated ${name} cost`, cost, ruleLimit))] : [];
  }

  /** What is wrong with all rules together of the schema at a path. */
  totalErrors(path: string): FieldError[] {
    const total = this.#costs.reduce((sum, { cost }) => sum + cost, 0);
    if (total <= schemaLimit) return [];
    const named = this.#costs.filter(({ cost }) => cost >= schemaLimit / 100).sort((a, b) => b.cost - a.cost);
    const contributed = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const subject = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    return [
      ...named.slice(0, mostNamed).map((rule) => forbiddenField(rule.path, contributed)),
      forbiddenField(path, excess(subject, total, schemaLimit)),
    ];
  }
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
