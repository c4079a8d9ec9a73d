const numbers = ['int', 'uint', 'double'];
const summable = [...numbers, 'duration'];
const comparable = [...numbers, 'bool', 'duration', 'timestamp', 'string', 'bytes'];

/** One signature for each type, in place of `$`. */
function each(types: readonly string[], ...signatures: readonly string[]): string[] {
  return types.flatMap((type) => signatures.map((signature) => signature.replaceAll('$', type)));
}

const orders = [
  ...each(comparable, '($, $) bool'),
  ...numbers.flatMap((a) => numbers.filter((b) => b !== a).map((b) => `(${a}, ${b}) bool`)),
];
const timeParts = each(['timestamp'], '$.() int', '$.(string) int');
const timeAndDurationParts = [...timeParts, 'duration.() int'];
const quantity = 'kubernetes.Quantity';
const semver = 'kubernetes.Semver';
const url = 'kubernetes.URL';
const format = 'kubernetes.NamedFormat';
const authorizer = 'kubernetes.authorization.Authorizer';
const pathCheck = 'kubernetes.authorization.PathCheck';
const groupCheck = 'kubernetes.authorization.GroupCheck';
const resourceCheck = 'kubernetes.authorization.ResourceCheck';
const decision = 'kubernetes.authorization.Decision';
const selector = [`${resourceCheck}.(string) ${resourceCheck}`];
const isOfAddress = ['net.IP.() bool'];
const formats =
  'dns1123Label dns1123Subdomain dns1035Label qualifiedName dns1123LabelPrefix dns1123SubdomainPrefix dns1035LabelPrefix labelValue uri uuid byte date datetime';

const operators: Readonly<Record<string, readonly string[]>> = {
  '_?_:_': ['(bool, A, A) A'],
  '!_': ['(bool) bool'],
  '@not_strictly_false': ['(bool) bool'],
  '_==_': ['(A, A) bool'],
  '_!=_': ['(A, A) bool'],
  '_+_': [
    ...each(['bytes', 'double'], '($, $) $'),
    '(duration, duration) duration',
    '(duration, timestamp) timestamp',
    '(timestamp, duration) timestamp',
    '(int, int) int',
    '(list(A), list(A)) list(A)',
    ...each(['string', 'uint'], '($, $) $'),
  ],
  '_-_': [...each(summable, '($, $) $'), '(timestamp, duration) timestamp', '(timestamp, timestamp) duration'],
  '_*_': each(numbers, '($, $) $'),
  '_/_': each(numbers, '($, $) $'),
  '_%_': each(['int', 'uint'], '($, $) $'),
  '-_': each(['double', 'int'], '($) $'),
  '_<_': orders,
  '_<=_': orders,
  '_>_': orders,
  '_>=_': orders,
  '_[_]': [
    '(list(A), int) A',
    '(map(A, B), A) B',
    '(optional_type(list(A)), int) optional_type(A)',
    '(optional_type(map(A, B)), A) optional_type(B)',
  ],
  '_[?_]': [
    '(list(A), int) optional_type(A)',
    '(optional_type(list(A)), int) optional_type(A)',
    '(map(A, B), A) optional_type(B)',
    '(optional_type(map(A, B)), A) optional_type(B)',
  ],
  '@in': ['(A, list(A)) bool', '(A, map(A, B)) bool'],
};

const standard: Readonly<Record<string, readonly string[]>> = {
  size: each(['bytes', 'list(A)', 'map(A, B)', 'string'], '($) int', '$.() int'),
  type: ['(A) type(A)'],
  bool: each(['bool', 'string'], '($) bool'),
  bytes: each(['bytes', 'string'], '($) bytes'),
  double: each(['double', 'int', 'string', 'uint'], '($) double'),
  duration: each(['duration', 'int', 'string'], '($) duration'),
  dyn: ['(A) dyn'],
  int: each(['int', 'double', 'duration', 'string', 'timestamp', 'uint'], '($) int'),
  string: each([...comparable, 'net.IP', 'net.CIDR'], '($) string'),
  timestamp: each(['timestamp', 'int', 'string'], '($) timestamp'),
  uint: each(['uint', 'double', 'int', 'string'], '($) uint'),
  contains: ['string.(string) bool'],
  endsWith: ['string.(string) bool'],
  startsWith: ['string.(string) bool'],
  matches: ['(string, string) bool', 'string.(string) bool'],
  getFullYear: timeParts,
  getMonth: timeParts,
  getDayOfYear: timeParts,
  getDayOfMonth: timeParts,
  getDate: timeParts,
  getDayOfWeek: timeParts,
  getHours: timeAndDurationParts,
  getMinutes: timeAndDurationParts,
  getSeconds: timeAndDurationParts,
  getMilliseconds: timeAndDurationParts,
};

const optionals: Readonly<Record<string, readonly string[]>> = {
  'optional.of': ['(A) optional_type(A)'],
  'optional.ofNonZeroValue': ['(A) optional_type(A)'],
  'optional.none': ['() optional_type(A)'],
  value: ['optional_type(A).() A'],
  hasValue: ['optional_type(A).() bool'],
  or: ['optional_type(A).(optional_type(A)) optional_type(A)'],
  orValue: ['optional_type(A).(A) A'],
  first: ['list(A).() optional_type(A)'],
  last: ['list(A).() optional_type(A)'],
  'optional.unwrap': ['(list(optional_type(A))) list(A)'],
  unwrapOpt: ['list(optional_type(A)).() list(A)'],
  'cel.@mapInsert': ['(map(A, B), A, B) map(A, B)', '(map(A, B), map(A, B)) map(A, B)'],
};

const strings: Readonly<Record<string, readonly string[]>> = {
  charAt: ['string.(int) string'],
  indexOf: ['list(A).(A) int', 'string.(string) int', 'string.(string, int) int'],
  lastIndexOf: ['list(A).(A) int', 'string.(string) int', 'string.(string, int) int'],
  lowerAscii: ['string.() string'],
  upperAscii: ['string.() string'],
  replace: ['string.(string, string) string', 'string.(string, string, int) string'],
  split: ['string.(string) list(string)', 'string.(string, int) list(string)'],
  substring: ['string.(int) string', 'string.(int, int) string'],
  trim: ['string.() string'],
  format: ['string.(list(dyn)) string'],
  'strings.quote': ['(string) string'],
  join: ['list(string).() string', 'list(string).(string) string'],
  find: ['string.(string) string'],
  findAll: ['string.(string) list(string)', 'string.(string, int) list(string)'],
};

const lists: Readonly<Record<string, readonly string[]>> = {
  isSorted: each(comparable, 'list($).() bool'),
  sum: each(summable, 'list($).() $'),
  max: each(comparable, 'list($).() $'),
  min: each(comparable, 'list($).() $'),
  slice: ['list(A).(int, int) list(A)'],
  flatten: ['list(list(A)).() list(A)', 'list(dyn).(int) list(dyn)'],
  sort: each(comparable, 'list($).() list($)'),
  '@sortByAssociatedKeys': each(comparable, 'list(A).(list($)) list(A)'),
  'lists.range': ['(int) list(int)'],
  reverse: ['list(A).() list(A)'],
  distinct: ['list(A).() list(A)'],
  'sets.contains': ['(list(A), list(A)) bool'],
  'sets.equivalent': ['(list(A), list(A)) bool'],
  'sets.intersects': ['(list(A), list(A)) bool'],
};

const kubernetes: Readonly<Record<string, readonly string[]>> = {
  url: [`(string) ${url}`],
  isURL: ['(string) bool'],
  getScheme: [`${url}.() string`],
  getHost: [`${url}.() string`],
  getHostname: [`${url}.() string`],
  getPort: [`${url}.() string`],
  getEscapedPath: [`${url}.() string`],
  getQuery: [`${url}.() map(string, list(string))`],
  quantity: [`(string) ${quantity}`],
  isQuantity: ['(string) bool'],
  sign: [`(${quantity}) int`],
  isGreaterThan: each([quantity, semver], '$.($) bool'),
  isLessThan: each([quantity, semver], '$.($) bool'),
  compareTo: each([quantity, semver], '$.($) int'),
  asApproximateFloat: [`${quantity}.() double`],
  asInteger: [`${quantity}.() int`],
  isInteger: [`${quantity}.() bool`],
  add: each([quantity, 'int'], `${quantity}.($) ${quantity}`),
  sub: each([quantity, 'int'], `${quantity}.($) ${quantity}`),
  semver: [`(string) ${semver}`, `(string, bool) ${semver}`],
  isSemver: ['(string) bool', '(string, bool) bool'],
  major: [`${semver}.() int`],
  minor: [`${semver}.() int`],
  patch: [`${semver}.() int`],
  ip: ['(string) net.IP', 'net.CIDR.() net.IP'],
  isIP: ['(string) bool'],
  'ip.isCanonical': ['(string) bool'],
  family: ['net.IP.() int'],
  isUnspecified: isOfAddress,
  isLoopback: isOfAddress,
  isLinkLocalMulticast: isOfAddress,
  isLinkLocalUnicast: isOfAddress,
  isGlobalUnicast: isOfAddress,
  cidr: ['(string) net.CIDR'],
  isCIDR: ['(string) bool'],
  containsIP: each(['string', 'net.IP'], 'net.CIDR.($) bool'),
  containsCIDR: each(['string', 'net.CIDR'], 'net.CIDR.($) bool'),
  prefixLength: ['net.CIDR.() int'],
  masked: ['net.CIDR.() net.CIDR'],
  validate: [`${format}.(string) optional_type(list(string))`],
  'format.named': [`(string) optional_type(${format})`],
  ...Object.fromEntries(formats.split(' ').map((name) => [`format.${name}`, [`() ${format}`]])),
};

const authorization: Readonly<Record<string, readonly string[]>> = {
  path: [`${authorizer}.(string) ${pathCheck}`],
  group: [`${authorizer}.(string) ${groupCheck}`],
  serviceAccount: [`${authorizer}.(string, string) ${authorizer}`],
  resource: [`${groupCheck}.(string) ${resourceCheck}`],
  subresource: selector,
  namespace: selector,
  name: selector,
  fieldSelector: selector,
  labelSelector: selector,
  check: each([pathCheck, resourceCheck], `$.(string) ${decision}`),
  errored: [`${decision}.() bool`],
  error: [`${decision}.() string`],
  allowed: [`${decision}.() bool`],
  reason: [`${decision}.() string`],
};

/**
 * The functions of Kubernetes 1.36: `(A, A) bool` is called with two values of one type, `string.(int) string` on a text. A
 * capital letter stands for a type.
 */
export const signatures: Readonly<Record<string, readonly string[]>> = {
  ...operators,
  ...standard,
  ...optionals,
  ...strings,
  ...lists,
  ...kubernetes,
  ...authorization,
};

/** Those of mutations of admission policies. */
export const patchSignatures: Readonly<Record<string, readonly string[]>> = {
  'jsonpatch.escapeKey': ['(string) string'],
};
