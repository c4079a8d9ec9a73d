import type { KubeObject } from '@flux/apimachinery';
import { UsageError } from '../command/errors.ts';
import { conditionOf } from '../objects.ts';

/** Reads `type=status` or `type!=status`; case does not matter, and a missing condition only matches `!=` (spec cli 6). */
export function parseStatusSelector(text: string): (object: KubeObject) => boolean {
  if (text === '') return () => true;
  const [, type = '', operator, status = ''] = /^([^=!]+)(!=|=)([^=!]+)$/.exec(text) ?? [];
  if (!operator) {
    throw new UsageError(`expected status selector in type=status or type!=status format, but found: ${text}`);
  }
  return (object) => {
    const conditions: unknown = object['status']?.conditions;
    const found = (Array.isArray(conditions) ? conditions : [])
      .map(({ type: name }) => String(name))
      .find((name) => name.toLowerCase() === type.toLowerCase());
    const matches = found !== undefined && conditionOf(object, found)?.status.toLowerCase() === status.toLowerCase();
    return operator === '=' ? matches : !matches;
  };
}
