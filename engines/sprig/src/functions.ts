import { fn, type GoFunction } from '@flux/gotemplate';
import { certificateFunctions } from './certificates.ts';
import { cryptoFunctions, type RandomBytes } from './crypto.ts';
import { dateFunctions, type Now } from './dates.ts';
import { defaultFunctions } from './defaults.ts';
import { dictFunctions } from './dicts.ts';
import { encodingFunctions } from './encoding.ts';
import { listFunctions, mustListFunctions } from './lists.ts';
import { mathFunctions } from './math.ts';
import { pathFunctions } from './paths.ts';
import { systemRandomBytes } from './random-bytes.ts';
import { regexFunctions } from './regex.ts';
import { semverFunctions } from './semver.ts';
import { stringFunctions } from './strings.ts';
import { urlFunctions } from './urls.ts';

export interface SprigOptions {
  /** Nanoseconds since 1970; the system's clock by default. */
  now?: Now;
  /** The system's random source by default. */
  randomBytes?: RandomBytes;
}

/** The functions of sprig that Helm lets charts use: all but `env` and `expandenv`; `getHostByName` asks only where a rendering brings its own. */
export function sprigFunctions(options: SprigOptions = {}): Record<string, GoFunction> {
  const { now = () => BigInt(Date.now()) * 1_000_000n, randomBytes: random = systemRandomBytes } = options;
  // not spread into one literal, which would get a hidden class for each of its two hundred keys
  const functions: Record<string, GoFunction> = Object.create(null);
  return Object.assign(
    functions,
    {
      hello: fn('', () => 'Hello!'),
      getHostByName: fn('string', () => ''),
      fail: fn('string', (message: string) => {
        throw new Error(message);
      }),
    },
    stringFunctions,
    mathFunctions,
    listFunctions,
    mustListFunctions,
    dictFunctions,
    defaultFunctions,
    encodingFunctions,
    semverFunctions,
    pathFunctions,
    urlFunctions,
    regexFunctions(),
    dateFunctions(now),
    cryptoFunctions(random),
    certificateFunctions({ now, randomBytes: random }),
  );
}
