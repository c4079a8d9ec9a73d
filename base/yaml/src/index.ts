/**
 * YAML as Go programs of the Kubernetes world read and write it, and JSON with exact integers.
 * Start with `parseYaml` and `formatYaml`.
 */
export type { YamlMode } from './cursor.ts';
export { formatYaml, formatYamlDocuments, formatYamlV3, PlainText } from './format.ts';
export { type FormatJsonOptions, formatJson, parseJson } from './json.ts';
export { type ParseYamlOptions, parseYaml, parseYamlDocuments } from './parse.ts';
export { YamlError } from './yaml-error.ts';
