/** Lines that we add after Flux's text: why a wait failed, and what gets a stalled release going again. */
const ownLines = /\n(?:Why|Way out): [^\n]*/g;

/** The value as Flux would have written it. */
export function withoutOwnWords<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, item: unknown) =>
    typeof item === 'string' ? item.replace(ownLines, '') : item,
  );
}
