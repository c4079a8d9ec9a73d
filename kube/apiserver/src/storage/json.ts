import { jsonProblem } from '@flux/gotypes';

/** Integers beyond 2^53 become bigint, so that 64-bit values survive a round trip. */
export function parseJson(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source;
    if (typeof value !== 'number' || Number.isSafeInteger(value) || !source || !/^-?\d+$/.test(source)) return value;
    return BigInt(source);
  });
}

interface RawJson {
  rawJSON(text: string): unknown;
}

export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const json = JSON as unknown as RawJson;
    return JSON.stringify(value, (_key, item: unknown) =>
      typeof item === 'bigint' ? json.rawJSON(String(item)) : item,
    );
  }
}

/** The words of Go's JSON decoder for a text that it cannot read; other problems keep their own words. */
export function describeJsonError(text: string, error: unknown): string {
  return jsonProblem(Buffer.from(text)) ?? (error instanceof Error ? error.message : String(error));
}
