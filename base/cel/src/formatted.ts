import { createRequire } from 'node:module';
import type { Environment } from '@marcbachmann/cel-js';

const require = createRequire(import.meta.url);
const library = (): typeof import('@marcbachmann/cel-js') => require('@marcbachmann/cel-js');

type Convert = (text: string) => unknown;
let environment: Environment | undefined;
const conversions = new Map<string, Convert>();

function conversion(name: 'duration' | 'timestamp'): Convert {
  let found = conversions.get(name);
  if (!found) {
    environment ??= new (library().Environment)({ unlistedVariablesAreDyn: true });
    const run = environment.parse(`${name}(text)`);
    found = (text) => run({ text });
    conversions.set(name, found);
  }
  return found;
}

/** Text that a schema gives a format with a type of its own: a duration, a time, bytes. */
export class CelFormatted {
  readonly text: string;
  readonly format: 'byte' | 'date' | 'date-time' | 'duration';

  constructor(text: string, format: CelFormatted['format']) {
    this.text = text;
    this.format = format;
  }

  /** The value as the engine knows it; text that is none of its format stays what it is. */
  toCel(): unknown {
    try {
      switch (this.format) {
        case 'byte':
          return new Uint8Array(Buffer.from(this.text, 'base64'));
        case 'duration':
          return conversion('duration')(this.text);
        default:
          return conversion('timestamp')(this.format === 'date' ? `${this.text}T00:00:00Z` : this.text);
      }
    } catch {
      return this.text;
    }
  }

  static isFormat(format: string | undefined): format is CelFormatted['format'] {
    return format === 'byte' || format === 'date' || format === 'date-time' || format === 'duration';
  }
}
