import { BuildError } from './errors.ts';

type Lookup = (key: string) => string | undefined;
export type LabelMatcher = (lookup: Lookup) => boolean;

const setBased = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/;
const compared = /^([^=!<>\s]+)\s*(==|=|!=|>|<)\s*(\S*)$/;
const keyOnly = /^(!?)\s*([^\s=!<>()]+)$/;

/** A Kubernetes label selector: `a=b,c!=d,e in (f,g),!h,i>1`. */
export function parseLabelSelector(text: string): LabelMatcher {
  const requirements = splitRequirements(text).map((part) => parseRequirement(part.trim(), text));
  return (lookup) => requirements.every((matches) => matches(lookup));
}

/** Splits at commas outside parentheses. */
function splitRequirements(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.filter((part, index) => part.trim() !== '' || (index < parts.length - 1 && parts.length > 1));
}

function parseRequirement(part: string, whole: string): LabelMatcher {
  const inSet = setBased.exec(part);
  if (inSet !== null) {
    const [, key = '', operator, list = ''] = inSet;
    const values = new Set(list.split(',').map((value) => value.trim()));
    if (operator === 'in') return (lookup) => values.has(lookup(key) ?? '\0');
    return (lookup) => !values.has(lookup(key) ?? '\0');
  }
  const comparison = compared.exec(part);
  if (comparison !== null) {
    const [, key = '', operator = '', value = ''] = comparison;
    return compare(key, operator, value);
  }
  const exists = keyOnly.exec(part);
  if (exists === null) throw new BuildError(`unable to parse requirement: found '${part}' in selector '${whole}'`);
  const [, not, key = ''] = exists;
  return not === '!' ? (lookup) => lookup(key) === undefined : (lookup) => lookup(key) !== undefined;
}

function compare(key: string, operator: string, value: string): LabelMatcher {
  if (operator === '!=') return (lookup) => lookup(key) !== value;
  if (operator === '=' || operator === '==') return (lookup) => lookup(key) === value;
  const limit = Number.parseInt(value, 10);
  return (lookup) => {
    const found = Number.parseInt(lookup(key) ?? '', 10);
    if (Number.isNaN(found)) return false;
    return operator === '>' ? found > limit : found < limit;
  };
}
