import { each } from './by-name.ts';
import { type CelDeclaration, dyn, listOf, optionalOf, simple } from './declaration.ts';

const text = simple('string');
const bool = simple('bool');
const int = simple('int');

const results: Readonly<Record<string, CelDeclaration>> = {
  ...each(
    'startsWith endsWith matches contains hasValue isSorted isURL isQuantity isIP isCIDR isSemver isInteger bool',
    bool,
  ),
  ...each('isGreaterThan isLessThan containsIP containsCIDR isUnspecified isLoopback isGlobalUnicast allowed', bool),
  ...each('sets.contains sets.intersects sets.equivalent ip.isCanonical isLinkLocalMulticast isLinkLocalUnicast', bool),
  ...each('size int indexOf lastIndexOf compareTo sign asInteger prefixLength family major minor patch', int),
  ...each('getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear getHours getMinutes', int),
  ...each('getSeconds getMilliseconds', int),
  ...each('string lowerAscii upperAscii substring trim replace join charAt find format', text),
  ...each('getScheme getHost getHostname getPort getEscapedPath base64.encode reason error jsonpatch.escapeKey', text),
  ...each('split findAll', listOf(text)),
  ...each('lists.range', listOf(int)),
  ...each('double asApproximateFloat', simple('double')),
  ...each('uint', simple('uint')),
  ...each('bytes base64.decode', simple('bytes')),
  ...each('duration', simple('duration')),
  ...each('timestamp', simple('timestamp')),
  ...each('quantity add sub', simple('opaque', 'quantity')),
  ...each('url', simple('opaque', 'url')),
  ...each('ip', simple('opaque', 'ip')),
  ...each('cidr masked', simple('opaque', 'cidr')),
  ...each('semver', simple('opaque', 'semver')),
  ...each('type', simple('opaque', 'type')),
};

/** The type of a call's result where the name or the target tells; `dyn` elsewhere. */
export function resultType(
  name: string,
  target: CelDeclaration | undefined,
  args: readonly CelDeclaration[],
): CelDeclaration {
  if (name === 'value' || name === 'orValue') return target?.element ?? dyn;
  if (name === 'optional.of' || name === 'optional.ofNonZeroValue') return optionalOf(args[0] ?? dyn);
  if (['min', 'max', 'sum'].includes(name)) return target?.element ?? dyn;
  if (['reverse', 'slice', 'distinct', 'sort'].includes(name)) return target ?? dyn;
  if (name === 'flatten') return target?.element ?? dyn;
  if (name === 'or') return target ?? dyn;
  if (['first', 'last'].includes(name)) return optionalOf(target?.element ?? dyn);
  return Object.hasOwn(results, name) ? results[name]! : dyn;
}
