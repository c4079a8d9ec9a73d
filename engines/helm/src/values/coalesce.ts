import { getMember, setMember } from '@flux/apimachinery';
import { printValue, quote, sprintf } from '@flux/gotemplate';
import type { Chart, Values } from '../chart/chart.ts';
import { copyTable, isTable, maxTableDepth, tooDeep } from './table.ts';
import { ValuesError } from './values-error.ts';
import type { Warn } from './warning.ts';

/** The parts of a chart that its values come from. */
export interface ChartValues {
  readonly metadata: { readonly name: string };
  readonly values: Values;
  readonly dependencies: readonly ChartValues[];
}

export interface CoalesceOptions {
  warn?: Warn;
  /** Keeps nulls, which importing needs before the last coalescing removes them. */
  keepNulls?: boolean;
}

/**
 * A user's values over those of a chart and, below their names, of its subcharts (HELM-CVAL-02, -05). Neither the chart
 * nor `values` is changed, and the result shares no table with them. Tables deep inside of `global` are shared between
 * a chart and its subcharts, so that defaults of a subchart show up in its parent, as in Helm.
 */
export function coalesceValues(chart: ChartValues | Chart, values: Values, options: CoalesceOptions = {}): Values {
  return new Coalescer(options).coalesce(chart, copyTable(values), '');
}

/** Fills `target`, which it changes and returns, from `source`, which it uses up. */
export function coalesceTables(target: Values, source: Values, options: CoalesceOptions = {}): Values {
  new Coalescer(options).fill(target, source, '', options.keepNulls ?? false);
  return target;
}

class Coalescer {
  readonly #keepNulls: boolean;
  readonly #warn: Warn | undefined;
  #depth = 0;

  constructor({ keepNulls = false, warn }: CoalesceOptions) {
    this.#keepNulls = keepNulls;
    this.#warn = warn;
  }

  coalesce(chart: ChartValues, target: Values, prefix: string): Values {
    const path = join(prefix, chart.metadata.name);
    this.#addDefaults(chart, target, path);
    for (const child of chart.dependencies) {
      const name = child.metadata.name;
      if (!Object.hasOwn(target, name)) setMember(target, name, {});
      const own = target[name];
      // The verb %t is for booleans only, so that Go says what it got instead.
      if (!isTable(own)) throw new ValuesError(`type mismatch on ${name}: ${sprintf('%t', [own])}`);
      this.#addGlobals(own, target, path);
      this.coalesce(child, own, path);
    }
    return target;
  }

  #addDefaults(chart: ChartValues, target: Values, path: string): void {
    for (const key of Object.keys(chart.values)) {
      const value = chart.values[key];
      if (!Object.hasOwn(target, key)) {
        if (isTable(value)) setMember(target, key, this.#keepNulls ? copyTable(value) : withoutNulls(value));
        else if (value !== null || this.#keepNulls) setMember(target, key, copyIfList(value));
        continue;
      }
      const own = target[key];
      if (own === null && !this.#keepNulls) delete target[key];
      else if (isTable(own)) this.#mergeDefault(chart, { key, own, value, path });
    }
  }

  #mergeDefault(chart: ChartValues, entry: { key: string; own: Values; value: unknown; path: string }): void {
    const { key, own, value, path } = entry;
    if (!isTable(value)) {
      if (value !== null) this.#inform(() => `warning: skipped value for ${path}.${key}: Not a table.`);
      return;
    }
    // The nulls for a subchart wait until it is the subchart's turn.
    const keepsNulls = this.#keepNulls || chart.dependencies.some((child) => child.metadata.name === key);
    this.fill(own, keepsNulls ? copyTable(value) : withoutNulls(value), `${path}.${key}`, keepsNulls);
  }

  /** What the target has wins; null in it removes what the source has, unless nulls are kept. */
  fill(target: Values, source: Values, path: string, keepsNulls: boolean): void {
    if (++this.#depth > maxTableDepth) throw tooDeep();
    for (const key of Object.keys(source)) {
      const value = source[key];
      if (!Object.hasOwn(target, key)) {
        setMember(target, key, value);
        continue;
      }
      const own = target[key];
      if (own === null) continue;
      if (isTable(value)) {
        if (isTable(own)) this.fill(own, value, join(path, key), keepsNulls);
        else {
          this.#inform(
            () => `warning: cannot overwrite table with non table for ${join(path, key)} (${printValue(value)})`,
          );
        }
      } else if (isTable(own) && value !== null) {
        this.#inform(
          () =>
            `warning: destination for ${join(path, key)} is a table. Ignoring non-table value (${printValue(value)})`,
        );
      }
    }
    removeNulls(target, source, keepsNulls);
    this.#depth -= 1;
  }

  /** The globals of a chart over those that it has for its subchart (HELM-CVAL-05). */
  #addGlobals(target: Values, source: Values, path: string): void {
    const own = Object.hasOwn(target, 'global') ? target['global'] : {};
    if (!isTable(own)) {
      this.#inform(() => 'warning: skipping globals because destination global is not a table.');
      return;
    }
    const globals = Object.hasOwn(source, 'global') ? source['global'] : {};
    if (!isTable(globals)) {
      this.#inform(() => 'warning: skipping globals because source global is not a table.');
      return;
    }
    for (const key of Object.keys(globals)) this.#addGlobal(own, key, globals[key], path);
    target['global'] = own;
  }

  #addGlobal(target: Values, key: string, value: unknown, path: string): void {
    const own = getMember(target, key);
    if (!isTable(value)) {
      if (isTable(own)) this.#inform(() => `key ${key} is table. Skipping`);
      else setMember(target, key, value);
      return;
    }
    if (Object.hasOwn(target, key) && !isTable(own)) {
      this.#inform(() => `Conflict: cannot merge map onto non-map for ${quote(key)}. Skipping.`);
      return;
    }
    // Only the outermost level is copied: what lies deeper is one table for the chart and its subchart, as in Helm.
    const merged = { ...value };
    if (isTable(own)) this.fill(merged, own, join(path, key), true);
    setMember(target, key, merged);
  }

  #inform(message: () => string): void {
    this.#warn?.({ level: 'INFO', message: message() });
  }
}

/** What the target has as null is null in the source too from then on, which matters where the source is used again. */
function removeNulls(target: Values, source: Values, keepsNulls: boolean): void {
  for (const key of Object.keys(target)) {
    if (target[key] !== null) continue;
    const value = getMember(source, key);
    setMember(source, key, null);
    if (!keepsNulls && value !== null && value !== undefined) delete target[key];
  }
}

function join(prefix: string, key: string): string {
  return prefix === '' ? key : `${prefix}.${key}`;
}

function copyIfList(value: unknown): unknown {
  return Array.isArray(value) ? copyTable({ value })['value'] : value;
}

/** A copy without the keys that are null, at any depth of tables. */
function withoutNulls(table: Values): Values {
  const copy: Values = {};
  for (const key of Object.keys(table)) {
    const value = table[key];
    if (value !== null) setMember(copy, key, isTable(value) ? withoutNulls(value) : copyIfList(value));
  }
  return copy;
}
