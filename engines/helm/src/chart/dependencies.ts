import { getMember } from '@flux/apimachinery';
import { coalesceValues } from '../values/coalesce.ts';
import { findTable, findValue } from '../values/table.ts';
import { ValuesError } from '../values/values-error.ts';
import type { Warn } from '../values/warning.ts';
import type { Chart, ChartDependency, Values } from './chart.ts';
import type { ChartDraft } from './chart-draft.ts';
import { isCompatibleRange } from './compatible-range.ts';
import { importValues } from './import-values.ts';

/**
 * The chart with the dependencies that these values ask for: matched by name and version, renamed to their aliases,
 * without those that tags or conditions turn off, their values imported (HELM-CVAL-01, -03, -04). Nothing given is changed.
 */
export function processDependencies(chart: Chart, values: Values, warn?: Warn): { chart: Chart; values: Values } {
  if (!hasDeclared(chart)) return { chart, values };
  const draft = toDraft(chart);
  try {
    enable(draft, { values, path: '', warn });
    importValues(draft, warn);
  } catch (error) {
    if (!(error instanceof ValuesError)) throw error;
    throw new ValuesError(`chart dependencies processing failed: ${error.message}`, { cause: error });
  }
  return { chart: draft, values };
}

function hasDeclared(chart: Chart): boolean {
  return chart.metadata.dependencies !== undefined || chart.dependencies.some(hasDeclared);
}

function toDraft(chart: Chart): ChartDraft {
  return { ...chart, dependencies: chart.dependencies.map(toDraft) };
}

interface Scope {
  values: Values;
  /** The path of the chart's values in those of the root, with a dot behind it. */
  path: string;
  warn: Warn | undefined;
}

function enable(chart: ChartDraft, { values, path, warn }: Scope): void {
  const declared = chart.metadata.dependencies;
  // As Helm, which does not look at the charts below one that declares nothing.
  if (declared === undefined) return;
  chart.dependencies = matchDeclared(chart.dependencies, declared);
  const named = declared.map((item) => ({ ...item, name: item.alias || item.name, enabled: true }));
  const coalesced = coalesceValues(chart, values, warn && { warn });
  applyTags(named, coalesced, warn);
  applyConditions(named, { values: coalesced, path, warn });
  const off = new Set(named.filter(({ enabled }) => !enabled).map(({ name }) => name));
  chart.dependencies = chart.dependencies.filter(({ metadata }) => !off.has(metadata.name));
  for (const child of chart.dependencies) {
    enable(child, { values: coalesced, path: `${path}${child.metadata.name}.`, warn });
  }
  const { dependencies: _, ...metadata } = chart.metadata;
  const left = named.filter(({ name }) => !off.has(name));
  chart.metadata = left.length === 0 ? metadata : { ...metadata, dependencies: left };
}

/** Charts that nothing declares first, then one for each declaration, in its order. */
function matchDeclared(charts: readonly ChartDraft[], declared: readonly ChartDependency[]): ChartDraft[] {
  const matches = (chart: ChartDraft, { name, version = '' }: ChartDependency) =>
    chart.metadata.name === name && isCompatibleRange(version, chart.metadata.version);
  const undeclared = charts.filter((chart) => !declared.some((item) => matches(chart, item)));
  const instances = declared.flatMap((item) => {
    const found = charts.find((chart) => matches(chart, item));
    return found ? [rename(found, item.alias)] : [];
  });
  return [...undeclared, ...instances];
}

/** A copy, because one chart may stand for several dependencies. */
function rename(chart: ChartDraft, alias: string | undefined): ChartDraft {
  const metadata = alias ? { ...chart.metadata, name: alias } : chart.metadata;
  return { ...toDraft(chart), metadata };
}

function applyTags(dependencies: ChartDependency[], values: Values, warn?: Warn): void {
  const found = findTable(values, 'tags');
  if (!('table' in found)) return;
  for (const dependency of dependencies) {
    const states: boolean[] = [];
    for (const tag of dependency.tags ?? []) {
      const state = getMember(found.table, tag);
      if (typeof state === 'boolean') states.push(state);
      else if (state !== undefined) warnNotBool({ tag, chart: dependency.name }, warn);
    }
    dependency.enabled = states.length === 0 || states.includes(true);
  }
}

/** The first path of a condition that leads to a boolean decides, whatever the tags say. */
function applyConditions(dependencies: ChartDependency[], { values, path, warn }: Scope): void {
  for (const dependency of dependencies) {
    for (const condition of (dependency.condition ?? '').trim().split(',')) {
      const value = condition === '' ? undefined : findValue(values, path + condition);
      if (typeof value === 'boolean') {
        dependency.enabled = value;
        break;
      }
      if (value !== undefined) warnNotBool({ path: condition, chart: dependency.name }, warn);
    }
  }
}

function warnNotBool(attributes: Record<string, string>, warn?: Warn): void {
  warn?.({ level: 'WARN', message: 'returned non-bool value', attributes });
}
