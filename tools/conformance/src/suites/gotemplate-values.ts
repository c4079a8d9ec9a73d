import { type GoMap, isGoMap, setKey } from '@flux/gotemplate';

interface ChartValues {
  name: string;
  values: GoMap;
  dependencies: readonly ChartValues[];
}

/** Helm's CoalesceValues: the values of a user over those of a chart and, below their names, of its subcharts. */
export function coalesceValues(chart: ChartValues, values: GoMap): GoMap {
  mergeOwn(chart, values);
  for (const child of chart.dependencies) {
    if (!Object.hasOwn(values, child.name)) setKey(values, child.name, {});
    const own = values[child.name];
    if (!isGoMap(own)) throw new TypeError(`type mismatch on ${child.name}`);
    mergeGlobals(own, values);
    coalesceValues(child, own);
  }
  return values;
}

function mergeOwn(chart: ChartValues, values: GoMap): void {
  for (const [key, value] of Object.entries(structuredClone(chart.values))) {
    const isChild = chart.dependencies.some(({ name }) => name === key);
    if (!Object.hasOwn(values, key)) {
      if (value === null) continue;
      if (isGoMap(value)) removeNulls(value);
      setKey(values, key, value);
      continue;
    }
    const own = values[key];
    if (own === null) delete values[key];
    else if (isGoMap(own) && isGoMap(value)) {
      if (!isChild) removeNulls(value);
      mergeTables(own, value, isChild);
    }
  }
}

function removeNulls(map: GoMap): void {
  for (const [key, value] of Object.entries(map)) {
    if (value === null) delete map[key];
    else if (isGoMap(value)) removeNulls(value);
  }
}

function mergeTables(target: GoMap, source: GoMap, keepsNulls: boolean): void {
  for (const [key, value] of Object.entries(source)) {
    const own = target[key];
    if (!Object.hasOwn(target, key)) setKey(target, key, value);
    else if (own === null && !keepsNulls && value !== null) delete target[key];
    else if (isGoMap(own) && isGoMap(value)) mergeTables(own, value, keepsNulls);
  }
}

function mergeGlobals(target: GoMap, source: GoMap): void {
  const own = Object.hasOwn(target, 'global') ? target['global'] : {};
  const from = Object.hasOwn(source, 'global') ? source['global'] : {};
  if (!isGoMap(own) || !isGoMap(from)) return;
  for (const [key, value] of Object.entries(from)) {
    const current = own[key];
    if (isGoMap(value)) {
      const copy = structuredClone(value);
      if (Object.hasOwn(own, key) && !isGoMap(current)) continue;
      if (isGoMap(current)) mergeTables(copy, current, true);
      setKey(own, key, copy);
    } else if (!isGoMap(current)) setKey(own, key, value);
  }
  setKey(target, 'global', own);
}
