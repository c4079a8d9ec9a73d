import { fn, type GoFunction, kindOf, typeNameOf } from '@flux/gotemplate';
import { isEmpty } from './cast.ts';
import { deepEqual } from './deep-equal.ts';

/** Defaults, conditions and questions about types. */
export const defaultFunctions: Readonly<Record<string, GoFunction>> = {
  default: fn('any, ...any', (fallback: unknown, ...given: unknown[]) => (isEmpty(given[0]) ? fallback : given[0])),
  empty: fn('any', isEmpty),
  coalesce: fn('...any', (...values: unknown[]) => values.find((value) => !isEmpty(value))),
  all: fn('...any', (...values: unknown[]) => !values.some(isEmpty)),
  any: fn('...any', (...values: unknown[]) => values.some((value) => !isEmpty(value))),
  ternary: fn('any, any, bool', (yes: unknown, no: unknown, condition: boolean) => (condition ? yes : no)),
  typeOf: fn('any', typeNameOf),
  typeIs: fn('string, any', (name: string, value: unknown) => name === typeNameOf(value)),
  typeIsLike: fn('string, any', (name: string, value: unknown) => [name, `*${name}`].includes(typeNameOf(value))),
  kindOf: fn('any', kindOf),
  kindIs: fn('string, any', (name: string, value: unknown) => name === kindOf(value)),
  deepEqual: fn('any, any', deepEqual),
};
