import { type CelDeclaration, dyn, listOf, optionalOf, simple } from './declaration.ts';

const text = simple('string');
const bool = simple('bool');
const int = simple('int');

const results: Readonly<Record<string, CelDeclaration>> = {
  ...of(
    'startsWith endsWith matches contains hasValue isSorted isURL isQuantity isIP isCIDR isSemver isInteger bool',
    bool,
  ),
  ...of('isGreaterThan isLessThan containsIP containsCIDR isUnspecified isLoopback isGlobalUnicast allowed', bool),
  ...of('sets.contains sets.intersects sets.equivalent ip.isCanonical isLinkLocalMulticast isLinkLocalUnicast', bool),
  ...of('size int indexOf lastIndexOf compareTo sign asInteger prefixLength family major minor patch', int),
  ...of('getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear getHours getMinutes', int),
  ...of('getSeconds getMilliseconds', int),
  ...of('string lowerAscii upperAscii substring trim replace join charAt find format', text),
  ...of('getScheme getHost getHostname getPort getEscapedPath base64.encode reason error jsonpatch.escapeKey', text),
  ...of('split findAll', listOf(text)),
  ...of('lists.range', listOf(int)),
  ...of('double asApproximateFloat', simple('double')),
  ...of('uint', simple('uint')),
  ...of('bytes base64.decode', simple('bytes')),
  ...of('duration', simple('duration')),
  ...of('timestamp', simple('timestamp')),
  ...of('quantity add sub', simple('opaque', 'quantity')),
  ...of('url', simple('opaque', 'url')),
  ...of('ip', simple('opaque', 'ip')),
  ...of('cidr masked', simple('opaque', 'cidr')),
  ...of('semver', simple('opaque', 'semver')),
  ...of('type', simple('opaque', 'type')),
};

function of(names: string, type: CelDeclaration): Record<string, CelDeclaration> {
  return Object.fromEntries(names.split(' ').map((name) => [name, type]));
}

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
