import type { JsonObject } from '@flux/apimachinery';
import { bool, enumOf, list, str } from '../schema/schema.ts';

/** `spec.sourceRef.kind` of a chart. */
export const chartSourceKind = enumOf('Kind of the source.', ['HelmRepository', 'GitRepository', 'Bucket']);

/** What HelmCharts and the templates of HelmReleases have in common. */
export const chartFields = {
  version: str('Version or range of versions; ignored for charts from a GitRepository or a Bucket.', { default: '*' }),
  reconcileStrategy: enumOf(
    'What makes a new artifact: another version of the chart, or another revision of the source.',
    ['ChartVersion', 'Revision'],
    { default: 'ChartVersion' },
  ),
  valuesFiles: list(
    'Values files that become the values.yaml of the chart; later ones win.',
    str('Path in the chart of a HelmRepository, or from the root of another source.'),
  ),
  valuesFile: str('A values file that comes before valuesFiles, which supersede it.'),
  ignoreMissingValuesFiles: bool('Leaves out values files that do not exist.'),
} as const;

/** SRC-VER-07, HELM-API-03: `valuesFile` of older versions is merged before the `valuesFiles`. */
export function moveValuesFile(spec: JsonObject): JsonObject {
  if (!Object.hasOwn(spec, 'valuesFile')) return spec;
  const { valuesFile, ...current } = spec;
  if (typeof valuesFile !== 'string' || valuesFile === '') return current;
  const others = Array.isArray(current['valuesFiles']) ? current['valuesFiles'] : [];
  return { ...current, valuesFiles: [valuesFile, ...others] };
}
