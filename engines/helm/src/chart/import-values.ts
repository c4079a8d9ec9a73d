import { setMember } from '@flux/apimachinery';
import { printValue, quote } from '@flux/gotemplate';
import { coalesceTables, coalesceValues } from '../values/coalesce.ts';
import { copyTable, findTable, isTable } from '../values/table.ts';
import type { Warn } from '../values/warning.ts';
import type { Values } from './chart.ts';
import type { ChartDraft } from './chart-draft.ts';

interface Import {
  child: string;
  parent: string;
  /** Written as a name below `exports`. */
  isExport: boolean;
}

/** Gives each chart the values that it imports from its dependencies, below its own in rank (HELM-CVAL-04). */
export function importValues(chart: ChartDraft, warn?: Warn): void {
  for (const child of chart.dependencies) importValues(child, warn);
  const declared = chart.metadata.dependencies;
  if (declared === undefined) return;
  // The values of subcharts become part of the chart's own even when nothing is imported, as in Helm.
  const keep = { keepNulls: true, ...(warn && { warn }) };
  const own = coalesceValues(chart, {}, keep);
  const imported: Values = {};
  for (const dependency of declared) {
    for (const item of (dependency['import-values'] ?? []).flatMap(readImport)) {
      const found = findTable(own, `${dependency.name}.${item.child}`);
      if (!('table' in found)) {
        warnMissing(item, { missing: found.missing, chart: dependency.name }, warn);
        continue;
      }
      // Not copied unless empty, as in Helm: what is imported later into such a table shows up in the dependency's values too.
      const table = Object.keys(found.table).length === 0 ? {} : found.table;
      coalesceTables(imported, atPath(item.parent, table), keep);
    }
  }
  chart.values = own;
  // The copies also end tables that were imported into themselves, on which Helm would crash.
  if (Object.keys(imported).length > 0) chart.values = copyTable(coalesceTables(copyTable(own), imported, keep));
  chart.metadata = {
    ...chart.metadata,
    dependencies: declared.map((item) => withImports(item)),
  };
}

function readImport(value: unknown): Import[] {
  if (typeof value === 'string') return [{ child: `exports.${value}`, parent: '.', isExport: true }];
  if (!isTable(value)) return [];
  const text = (key: string) => printValue(Object.hasOwn(value, key) ? value[key] : null);
  return [{ child: text('child'), parent: text('parent'), isExport: false }];
}

function withImports<T extends { 'import-values'?: unknown[] }>(dependency: T): T {
  const imports = dependency['import-values'];
  if (imports === undefined) return dependency;
  return {
    ...dependency,
    'import-values': imports.flatMap(readImport).map(({ child, parent }) => ({ child, parent })),
  };
}

function atPath(path: string, table: Values): Values {
  if (path === '.') return table;
  return path.split('.').reduceRight((inner, name) => {
    const outer: Values = {};
    setMember(outer, name, inner);
    return outer;
  }, table);
}

function warnMissing({ isExport }: Import, { missing, chart }: { missing: string; chart: string }, warn?: Warn): void {
  const error = `${quote(missing)} is not a table`;
  if (isExport) warn?.({ level: 'WARN', message: 'ImportValues missing table', attributes: { error } });
  else warn?.({ level: 'WARN', message: 'ImportValues missing table from chart', attributes: { chart, error } });
}
