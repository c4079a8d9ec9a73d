import type { JsonObject } from '@flux/apimachinery';

/** SRC-VER-07, HELM-API-03: `valuesFile` of older versions is merged before the `valuesFiles`. */
export function moveValuesFile(spec: JsonObject): JsonObject {
  if (!Object.hasOwn(spec, 'valuesFile')) return spec;
  const { valuesFile, ...current } = spec;
  if (typeof valuesFile !== 'string' || valuesFile === '') return current;
  const others = Array.isArray(current['valuesFiles']) ? current['valuesFiles'] : [];
  return { ...current, valuesFiles: [valuesFile, ...others] };
}
