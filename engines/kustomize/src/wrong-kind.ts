import type { JsonValue } from '@flux/apimachinery';
import { formatYaml } from '@flux/yaml';
import { BuildError } from './errors.ts';
import { type NodeKind, nodeKind } from './json.ts';

/** A value is of another kind than a step needs; the value is shown. */
export function wrongKind(expected: NodeKind, value: JsonValue): BuildError {
  return new BuildError(
    `wrong node kind: expected ${expected} but got ${nodeKind(value)}: node contents:\n${formatYaml(value)}`,
  );
}
