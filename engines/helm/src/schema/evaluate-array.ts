import type { Evaluation } from './evaluation.ts';
import { fingerprint, groupDigits } from './schema-value.ts';
import type { Issue } from './validation-issue.ts';

/** The keywords that are for arrays. */
export function evaluateArray(evaluation: Evaluation, items: readonly unknown[]): void {
  const { minItems, maxItems, uniqueItems } = evaluation.schema;
  if (minItems !== undefined && items.length < minItems) {
    evaluation.add(`minItems: got ${groupDigits(items.length)}, want ${groupDigits(minItems)}`);
  }
  if (maxItems !== undefined && items.length > maxItems) {
    evaluation.add(`maxItems: got ${groupDigits(items.length)}, want ${groupDigits(maxItems)}`);
  }
  const twins = uniqueItems ? findTwins(items) : undefined;
  if (twins) evaluation.add(`items at ${groupDigits(twins[0])} and ${groupDigits(twins[1])} are equal`);
  evaluateItems(evaluation, items);
  if (evaluation.schema.contains) evaluateContains(evaluation, items);
}

function findTwins(items: readonly unknown[]): readonly [number, number] | undefined {
  const seen = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const print = fingerprint(item);
    const first = seen.get(print);
    if (first !== undefined) return [first, index];
    seen.set(print, index);
  }
  return undefined;
}

function evaluateItems(evaluation: Evaluation, items: readonly unknown[]): void {
  const { prefixItems = [], items: rest } = evaluation.schema;
  for (const [index, schema] of prefixItems.slice(0, items.length).entries()) {
    evaluation.addIssue(evaluation.below(schema, items[index], String(index)));
  }
  const start = Math.min(prefixItems.length, items.length);
  if (rest === false && start < items.length) {
    evaluation.add(`last ${groupDigits(items.length - start)} additionalItem(s) not allowed`);
  } else if (typeof rest === 'object') {
    for (let index = start; index < items.length; index++) {
      evaluation.addIssue(evaluation.below(rest, items[index], String(index)));
    }
  }
}

function evaluateContains(evaluation: Evaluation, items: readonly unknown[]): void {
  const { contains, minContains, maxContains, draft } = evaluation.schema;
  if (contains === undefined) return;
  const issues: Issue[] = [];
  const matched: number[] = [];
  for (const [index, item] of items.entries()) {
    const issue = evaluation.below(contains, item, String(index));
    if (issue) issues.push(issue);
    else {
      matched.push(index);
      if (draft >= 2020) evaluation.unevaluated.items?.delete(index);
    }
  }
  const found = `but matched ${groupDigits(matched.length)} items at ${matched.join(' ')}`;
  if (minContains !== undefined && matched.length < minContains) {
    const required = `min ${groupDigits(minContains)} items required to match contains schema`;
    evaluation.add(`${required}, ${matched.length === 0 ? 'but none matched' : found}`, issues);
  } else if (minContains === undefined && matched.length === 0) {
    evaluation.add('no items match contains schema', issues);
  }
  if (maxContains !== undefined && matched.length > maxContains) {
    evaluation.add(`max ${groupDigits(maxContains)} items required to match contains schema, ${found}`);
  }
}
