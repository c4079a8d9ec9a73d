import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Reads a generated file of this package; a bundler keeps these files beside its output. */
function read(name: string): Buffer {
  return readFileSync(new URL(name, import.meta.url));
}

/** Parses a generated file on first use and keeps it: nothing is read at import time. */
export function lazyData<T>(name: string): () => T {
  let value: T | undefined;
  return () => {
    if (value === undefined) {
      const bytes = read(name);
      value = JSON.parse((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()) as T;
    }
    return value;
  };
}
