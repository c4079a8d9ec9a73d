import { expect, test } from 'vitest';
import { compileCel } from './index.ts';

const evaluate = (expression: string, self: unknown = null) => compileCel(expression).evaluate({ self });

test('loops have an index or key and a value', () => {
  expect(evaluate('self.all(i, v, v == i + 1)', [1, 2, 3])).toBe(true);
  expect(evaluate('self.exists_one(k, v, k == v)', { a: 'a', b: 'c' })).toBe(true);
  expect(evaluate('self.transformList(i, v, i > 0, v + i)', [5, 6, 7])).toEqual([7, 9]);
  expect(evaluate('self.transformMap(k, v, k + v)', { a: 'x', b: 'y' })).toEqual({ a: 'ax', b: 'by' });
  expect(evaluate('self.transformMapEntry(i, v, v != "b", {v: i})', ['a', 'b', 'c'])).toEqual({ a: 0, c: 2 });
  expect(() => evaluate('self.transformMapEntry(i, v, {v: i})', ['a', 'a'])).toThrow('key a already exists');
  const rows = [
    [0, 1],
    [2, 3],
  ];
  expect(evaluate('self.all(i, x, x.all(j, y, y == i * 2 + j))', rows)).toBe(true);
});

test('lists are sorted by what is worked out of their items', () => {
  expect(evaluate('self.sortBy(x, -x.n).map(x, x.n)', [{ n: 1 }, { n: 3 }, { n: 2 }])).toEqual([3, 2, 1]);
});

test('entries of lists and maps can be optional', () => {
  expect(evaluate('[?self.?a, 2, ?self.?b]', { b: 3 })).toEqual([2, 3]);
  expect(evaluate('{?"a": self.?a, "c": 1, ?"b": self.?b}', { b: 3 })).toEqual({ c: 1, b: 3 });
  expect(evaluate('[optional.of(1), optional.none()].unwrapOpt() + optional.unwrap([optional.of(2)])')).toEqual([1, 2]);
  expect(evaluate('optional.ofNonZeroValue("").orValue("x") + strings.quote("a")')).toBe('x"a"');
});

test('has looks into whatever an expression makes', () => {
  expect(evaluate('has({"a": self}.a) && has(self.map(x, x)[0].n)', [{ n: 1 }])).toBe(true);
});

test('literals are what they were', () => {
  expect(evaluate(String.raw`[r'\d', '\u00e9\x41\101', '''a"b''']`)).toEqual(['\\d', 'éAA', 'a"b']);
  expect(evaluate(String.raw`b"\x00\377é" == b"\x00\xff\303\251" && .5 < 1u && 1e3 == 1000.0`)).toBe(true);
  expect(evaluate('-9223372036854775808 < -0x10 && --1 == 1 && !!true && 1 - -1 == 2')).toBe(true);
});

test('addresses and networks of Kubernetes are known', () => {
  expect(evaluate('cidr("10.0.0.0/8").containsIP(self) && ip(self).family() == 4', '10.1.2.3')).toBe(true);
  expect(evaluate('[string(ip("2001:DB8::0001")), string(cidr("10.1.2.3/8").masked())]')).toEqual([
    '2001:db8::1',
    '10.0.0.0/8',
  ]);
  expect(evaluate('isIP("1.2.3.04") || isIP("::ffff:1.2.3.4") || isCIDR("10.0.0.0/33")')).toBe(false);
  expect(evaluate('ip.isCanonical("::0") || ip("::1").isGlobalUnicast() || ip("8.8.8.8").isLoopback()')).toBe(false);
  expect(evaluate('ip("fe80::1").isLinkLocalUnicast() && ip("ff12::1").isLinkLocalMulticast()')).toBe(true);
  expect(evaluate('cidr("10.0.0.0/8").containsCIDR("10.1.0.0/16") && ip("1.1.1.1") == ip("1.1.1.1")')).toBe(true);
});

test('versions of Kubernetes are known', () => {
  expect(evaluate('semver("1.2.3").isLessThan(semver("v2.0", true)) && !isSemver("1.2")')).toBe(true);
  const prereleases =
    '[semver("1.0.0-rc.1").compareTo(semver("1.0.0")), semver("1.0.0-2").compareTo(semver("1.0.0-10"))]';
  expect(evaluate(prereleases)).toEqual([-1, -1]);
});

test('formats have names, and tell what is wrong with a text', () => {
  expect(evaluate('format.dns1123Label().validate("abc").hasValue() || format.named("nope").hasValue()')).toBe(false);
  expect(evaluate('format.named("dns1123Label").value().validate(self).value()[0]', 'A')).toContain('RFC 1123 label');
  expect(evaluate('format.uuid().validate("x").hasValue() && !format.byte().validate("YQ==").hasValue()')).toBe(true);
});
