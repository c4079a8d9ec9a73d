/** One step of a simple JSONPath such as `.status.conditions[?(@.type=="Ready")].status`. */
type Step =
  | { kind: 'field'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'all' }
  | { kind: 'filter'; path: Step[]; operator: string; value: unknown };

/** Finds the values of a JSONPath in a JSON value; `undefined` for a path that is not of the simple kind. */
export type JsonPath = (value: unknown) => unknown[];

export function compileJsonPath(text: string): JsonPath | undefined {
  const steps = parse(text.replace(/^\{(.*)\}$/s, '$1').replace(/^\$/, ''));
  return steps && ((value) => steps.reduce<unknown[]>(follow, [value]));
}

const tokens =
  /^(?:\.([\w-]+(?:\\\.[\w-]+)*)|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[(-?\d+)\]|(\[\*\]|\.\*)|\[\?\(@((?:\.[\w-]+)+)\s*(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|[\w.+-]+)\)\])/;

function parse(text: string): Step[] | undefined {
  const steps: Step[] = [];
  let rest = text;
  while (rest !== '') {
    const match = tokens.exec(rest);
    if (!match) return undefined;
    const [whole, field, single, double, index, all, path, operator, value] = match;
    const name = field ?? single ?? double;
    if (name !== undefined) steps.push({ kind: 'field', name: name.replaceAll('\\.', '.') });
    else if (index !== undefined) steps.push({ kind: 'index', index: Number(index) });
    else if (all !== undefined) steps.push({ kind: 'all' });
    else steps.push({ kind: 'filter', path: parse(path!) ?? [], operator: operator!, value: literal(value!) });
    rest = rest.slice(whole.length);
  }
  return steps;
}

function literal(text: string): unknown {
  if (/^["']/.test(text)) return text.slice(1, -1);
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}

function follow(values: unknown[], step: Step): unknown[] {
  return values.flatMap((value) => (typeof value === 'object' && value !== null ? select(value, step) : []));
}

function select(value: object, step: Step): unknown[] {
  switch (step.kind) {
    case 'field':
      return !Array.isArray(value) && Object.hasOwn(value, step.name)
        ? [(value as Record<string, unknown>)[step.name]]
        : [];
    case 'index': {
      const at = Array.isArray(value) ? value.at(step.index) : undefined;
      return at === undefined ? [] : [at];
    }
    case 'all':
      return Object.values(value);
    case 'filter':
      return Array.isArray(value) ? value.filter((item) => accepts(step, item)) : [];
  }
}

function accepts({ path, operator, value: wanted }: Extract<Step, { kind: 'filter' }>, item: unknown): boolean {
  const [found] = path.reduce<unknown[]>(follow, [item]);
  switch (operator) {
    case '==':
      return found === wanted;
    case '!=':
      return found !== wanted;
    case '<':
      return Number(found) < Number(wanted);
    case '>':
      return Number(found) > Number(wanted);
    case '<=':
      return Number(found) <= Number(wanted);
    default:
      return Number(found) >= Number(wanted);
  }
}
