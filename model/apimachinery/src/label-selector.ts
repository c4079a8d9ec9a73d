import { FluxError } from '@flux/errors';
import { labelValueProblems, qualifiedNameProblems, quoteGo } from '@flux/gotypes';
import { type FieldError, formatFieldErrors, invalidValue } from './field-error.ts';
import { type Token, tokenize } from './label-lexer.ts';

export type Labels = Readonly<Record<string, string>>;
export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

/** The LabelSelector of a spec (metav1.LabelSelector). */
export interface LabelSelectorSpec {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** A label or field selector that cannot be read; the message is the server's. */
export class SelectorError extends FluxError {
  override readonly code = 'SELECTOR';
}

/** A conjunction of requirements on labels; without any it matches everything. */
export class LabelSelector {
  readonly requirements: readonly LabelRequirement[];
  readonly #nothing: boolean;

  constructor(requirements: readonly LabelRequirement[], nothing = false) {
    this.requirements = [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    this.#nothing = nothing;
  }

  get isEmpty(): boolean {
    return !this.#nothing && this.requirements.length === 0;
  }

  matches(labels: Labels | undefined): boolean {
    return !this.#nothing && this.requirements.every((requirement) => meets(requirement, labels ?? {}));
  }

  toString(): string {
    return this.requirements.map(formatRequirement).join(',');
  }
}

function meets({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'notin':
    case '!=':
      return value === undefined || !values.includes(value);
    case '>':
    case '<':
      return value !== undefined && compareIntegers(operator, value, values[0] ?? '');
    default:
      return value !== undefined && values.includes(value);
  }
}

function compareIntegers(operator: '>' | '<', value: string, bound: string): boolean {
  if (!isInt64(value) || !isInt64(bound)) return false;
  return operator === '>' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
}

function isInt64(text: string): boolean {
  if (!/^[+-]?\d{1,20}$/.test(text)) return false;
  const value = BigInt(text.replace(/^\+/, ''));
  return BigInt.asIntN(64, value) === value;
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  if (operator === 'exists') return key;
  if (operator === '!') return `!${key}`;
  const list = [...values].sort().join(',');
  return operator === 'in' || operator === 'notin' ? `${key} ${operator} (${list})` : `${key}${operator}${list}`;
}

/** Reads `app=web,tier in (a,b),!debug`; throws a SelectorError with the server's text. */
export function parseLabelSelector(text: string): LabelSelector {
  return new LabelSelector(new Parser(tokenize(text)).parse());
}

/** The selector of a spec; an absent one matches nothing, an empty one everything. */
export function labelSelectorFromObject(spec: LabelSelectorSpec | undefined | null): LabelSelector {
  if (spec === undefined || spec === null) return new LabelSelector([], true);
  const requirements = Object.entries(spec.matchLabels ?? {}).map(([key, value]) => requirement(key, '=', [value]));
  for (const { key, operator, values } of spec.matchExpressions ?? []) {
    requirements.push(requirement(key, expressionOperator(operator), values ?? []));
  }
  return new LabelSelector(requirements);
}

/** A selector that wants exactly these labels. */
export function labelSelectorFromSet(labels: Labels): LabelSelector {
  return new LabelSelector(Object.entries(labels).map(([key, value]) => ({ key, operator: '=', values: [value] })));
}

function expressionOperator(operator: string): LabelOperator {
  switch (operator) {
    case 'In':
      return 'in';
    case 'NotIn':
      return 'notin';
    case 'Exists':
      return 'exists';
    case 'DoesNotExist':
      return '!';
    default:
      throw new SelectorError(`${quoteGo(operator)} is not a valid label selector operator`);
  }
}

function requirement(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  const errors: FieldError[] = [];
  const keyMessages = qualifiedNameProblems(key);
  if (keyMessages.length > 0) errors.push(invalidValue('key', key, keyMessages.join('; ')));
  errors.push(...checkArity(operator, values));
  values.forEach((value, index) => {
    const messages = labelValueProblems(value);
    if (messages.length > 0) errors.push(invalidValue(`values[${index}][${key}]`, value, messages.join('; ')));
  });
  if (errors.length > 0) throw new SelectorError(formatFieldErrors(errors));
  return { key, operator, values };
}

function checkArity(operator: LabelOperator, values: readonly string[]): FieldError[] {
  const wrong = (detail: string) => [invalidValue('values', values, detail)];
  switch (operator) {
    case 'in':
    case 'notin':
      return values.length === 0 ? wrong("for 'in', 'notin' operators, values set can't be empty") : [];
    case 'exists':
    case '!':
      return values.length > 0 ? wrong('values set must be empty for exists and does not exist') : [];
    case '>':
    case '<':
      if (values.length !== 1) return wrong("for 'Gt', 'Lt' operators, exactly one value is required");
      return isInt64(values[0] ?? '')
        ? []
        : [invalidValue('values[0]', values[0], "for 'Gt', 'Lt' operators, the value must be an integer")];
    default:
      return values.length === 1 ? [] : wrong('exact-match compatibility requires one single value');
  }
}

const binaryOperators = 'in, notin, =, ==, !=, gt, lt';

class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const { kind, text } = this.#peek();
      if (kind === 'end') return requirements;
      if (kind !== 'identifier' && kind !== '!') {
        throw new SelectorError(`found '${text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#wrapped());
      const after = this.#next();
      if (after.kind === 'end') return requirements;
      if (after.kind !== ',') throw new SelectorError(`found '${after.text}', expected: ',' or 'end of string'`);
      const following = this.#peek();
      if (following.kind !== 'identifier' && following.kind !== '!') {
        throw new SelectorError(`found '${following.text}', expected: identifier after ','`);
      }
    }
  }

  #wrapped(): LabelRequirement {
    try {
      return this.#requirement();
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error;
      throw new SelectorError(`unable to parse requirement: ${error.message}`);
    }
  }

  #requirement(): LabelRequirement {
    let token = this.#next();
    const negated = token.kind === '!';
    if (negated) token = this.#next();
    if (token.kind !== 'identifier') throw new SelectorError(`found '${token.text}', expected: identifier`);
    const messages = qualifiedNameProblems(token.text);
    if (messages.length > 0) {
      throw new SelectorError(formatFieldErrors([invalidValue('<nil>', token.text, messages.join('; '))]));
    }
    const { kind } = this.#peek();
    if (negated) return requirement(token.text, '!', []);
    if (kind === 'end' || kind === ',') return requirement(token.text, 'exists', []);
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'notin' ? this.#values() : [this.#exactValue()];
    return requirement(token.text, operator, [...new Set(values)].sort());
  }

  #operator(): LabelOperator {
    const token = this.#tokens[this.#position++]!;
    const { kind, text } = token;
    if (kind === 'in' || kind === 'notin' || kind === '=' || kind === '==' || kind === '!=') return kind;
    if (kind === '>' || kind === '<') return kind;
    throw new SelectorError(`found '${text}', expected: ${binaryOperators}`);
  }

  #values(): string[] {
    const open = this.#next();
    if (open.kind !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const { kind, text } = this.#peek();
    if (kind === ')') {
      this.#next();
      return [''];
    }
    if (kind !== 'identifier' && kind !== ',') {
      throw new SelectorError(`found '${text}', expected: ',', ')' or identifier`);
    }
    const values = this.#list();
    if (this.#next().kind !== ')') throw new SelectorError(`found '${text}', expected: ')'`);
    return values;
  }

  #list(): string[] {
    const values: string[] = [];
    for (;;) {
      const { kind, text } = this.#next();
      const following = this.#peek();
      if (kind === 'identifier') {
        values.push(text);
        if (following.kind === ',') continue;
        if (following.kind === ')') return values;
        throw new SelectorError(`found '${following.text}', expected: ',' or ')'`);
      }
      if (kind !== ',') throw new SelectorError(`found '${text}', expected: ',', or identifier`);
      if (values.length === 0) values.push('');
      if (following.kind === ')') return [...values, ''];
      if (following.kind === ',') values.push('');
    }
  }

  #exactValue(): string {
    const { kind } = this.#peek();
    if (kind === 'end' || kind === ',') return '';
    const token = this.#next();
    if (token.kind === 'identifier') return token.text;
    throw new SelectorError(`found '${token.text}', expected: identifier`);
  }

  /** Except for the operator itself, `in` and `notin` are plain identifiers. */
  #peek(): Token {
    const token = this.#tokens[this.#position]!;
    return token.kind === 'in' || token.kind === 'notin' ? { kind: 'identifier', text: token.text } : token;
  }

  #next(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#position++;
    return token;
  }
}
