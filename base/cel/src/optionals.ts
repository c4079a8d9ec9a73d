import type { Environment } from '@marcbachmann/cel-js';

type Library = typeof import('@marcbachmann/cel-js');
type List = unknown[];

/** What the engine knows an optional value by. */
export interface Optional {
  hasValue(): boolean;
  value(): unknown;
}

/** What an optional holds, as a list of one value or none. */
export function present(optional: Optional): unknown[] {
  return optional.hasValue() ? [optional.value()] : [];
}

/** Functions of optional values that the engine does not bring. */
export function registerOptionals(environment: Environment, { Optional }: Library): void {
  const at = (list: List, index: number) => (list.length > 0 ? Optional.of(list.at(index)) : Optional.none());
  environment.registerFunction('list.first(): optional<dyn>', (list: List) => at(list, 0));
  environment.registerFunction('list.last(): optional<dyn>', (list: List) => at(list, -1));
  environment.registerFunction('list.unwrapOpt(): list', unwrap);
  environment.registerFunction('OptionalNamespace.unwrap(list): list', (_: unknown, list: List) => unwrap(list));
  environment.registerFunction('OptionalNamespace.ofNonZeroValue(dyn): optional<dyn>', (_: unknown, value: unknown) =>
    isZero(value) ? Optional.none() : Optional.of(value),
  );
}

function unwrap(list: List): List {
  return (list as Optional[]).flatMap(present);
}

function isZero(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '' || value === 0 || value === 0n)
    return true;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
  if (value instanceof Map) return value.size === 0;
  return typeof value === 'object' && Object.getPrototypeOf(value) === null && Object.keys(value).length === 0;
}
