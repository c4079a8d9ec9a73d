import { describe, expect, test } from 'vitest';
import {
  compareNatural,
  compareNaturalV3,
  compareQuantity,
  escapeHtmlJson,
  formatAge,
  formatBinaryBytes,
  formatDecimalBytes,
  formatDuration,
  formatFloat,
  formatMicroTime,
  formatQuantity,
  formatTime,
  parseDuration,
  parseDurationNanoseconds,
  parseQuantity,
  parseTime,
} from './index.ts';

describe('durations', () => {
  test.each([
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['0', 0],
    ['250ms', 250],
    ['-2m', -120_000],
    ['1us', 0.001],
    ['3µs', 0.003],
    ['.5h', 1_800_000],
  ])('%s is %d milliseconds', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    ['', 'time: invalid duration ""'],
    ['3', 'time: missing unit in duration "3"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['.s', 'time: invalid duration ".s"'],
    ['1e3s', 'time: unknown unit "e" in duration "1e3s"'],
    ['9999999999h', 'time: invalid duration "9999999999h"'],
  ])('%j fails with the message of Go', (text, message) => {
    expect(() => parseDuration(text)).toThrow(message);
  });

  test.each([
    ['1h', '1h0m0s'],
    ['90s', '1m30s'],
    ['1500ms', '1.5s'],
    ['250ms', '250ms'],
    ['1500us', '1.5ms'],
    ['1ns', '1ns'],
    ['0', '0s'],
    ['-1m', '-1m0s'],
  ])('%s prints as %s', (text, printed) => {
    expect(formatDuration(parseDuration(text))).toBe(printed);
  });

  test('nanoseconds survive exactly', () => {
    expect(parseDurationNanoseconds('2562047h47m16.854775807s')).toBe(2n ** 63n - 1n);
  });
});

describe('quantities', () => {
  test.each([
    ['0.5', '500m'],
    ['1000m', '1'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['0.1Mi', '104857600m'],
    ['512Ki', '512Ki'],
    ['1e3', '1e3'],
    ['1000k', '1M'],
    ['-1500m', '-1500m'],
    ['0', '0'],
    ['0Gi', '0'],
    ['1.500', '1.500'],
  ])('%s is printed as %s', (text, printed) => {
    expect(formatQuantity(text)).toBe(printed);
  });

  test('amounts compare across suffix families', () => {
    expect(compareQuantity('1Gi', '1G')).toBe(1);
    expect(compareQuantity('1000m', '1')).toBe(0);
    expect(compareQuantity('1', '2')).toBe(-1);
  });

  test('text that is no quantity is refused', () => {
    expect(() => parseQuantity('1x')).toThrow('quantities must match the regular expression');
    expect(() => parseQuantity('1KiB')).toThrow('quantities must match the regular expression');
    expect(() => parseQuantity('1Mm')).toThrow("unable to parse quantity's suffix");
    expect(() => parseQuantity('1e999999999')).toThrow("unable to parse quantity's suffix");
  });
});

describe('times', () => {
  const date = new Date('2026-03-01T10:20:30.456Z');

  test('times are written to the second, micro times with six decimals', () => {
    expect(formatTime(date)).toBe('2026-03-01T10:20:30Z');
    expect(formatMicroTime(date)).toBe('2026-03-01T10:20:30.456000Z');
  });

  test('only RFC 3339 is read', () => {
    expect(parseTime('2026-03-01T11:20:30+01:00').toISOString()).toBe('2026-03-01T10:20:30.000Z');
    expect(() => parseTime('2026-03-01')).toThrow('parsing time "2026-03-01"');
  });

  test.each([
    [0, '0s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [310_000, '5m10s'],
    [3_600_000 * 3 + 720_000, '3h12m'],
    [86_400_000 * 4 + 3_600_000 * 3, '4d3h'],
    [86_400_000 * 765, '2y35d'],
    [-5000, '<invalid>'],
  ])('an age of %d ms reads %s', (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });
});

test.each([
  [1e6, '1e+06'],
  [123456, '123456'],
  [1234567.5, '1.2345675e+06'],
  [0.00001, '1e-05'],
  [0.0001, '0.0001'],
  [-1.5, '-1.5'],
  [Number.POSITIVE_INFINITY, '+Inf'],
])('the float %d is printed as Go does: %s', (value, text) => {
  expect(formatFloat(value)).toBe(text);
});

test('a 32 bit float has the shortest digits of its own precision', () => {
  expect(formatFloat(0.1, { bits: 32 })).toBe('0.1');
  expect(formatFloat(12345678.9, { bits: 32 })).toBe('1.2345679e+07');
});

test('keys sort naturally: letters last, numbers by value', () => {
  expect(['b10', 'a', 'b9', 'B', 'a01', 'a1', '_a', 'é', 'z'].sort(compareNatural)).toEqual([
    '_a',
    'B',
    'a',
    'a1',
    'a01',
    'b9',
    'b10',
    'z',
    'é',
  ]);
});

test('sizes are written in decimal units with four digits (SRC-EVT-04)', () => {
  expect([80, 999, 1676, 30_880, 1_000_000, 52_428_800].map(formatDecimalBytes)).toEqual([
    '80B',
    '999B',
    '1.676kB',
    '30.88kB',
    '1MB',
    '52.43MB',
  ]);
});

test('sizes are written in binary units with one digit after the point', () => {
  expect([0, 1023, 1024, 1536, 1_048_576, 2 ** 50].map(formatBinaryBytes)).toEqual([
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 KiB',
    '1.0 MiB',
    '1.0 PiB',
  ]);
});

test('JSON is escaped for HTML as encoding/json does', () => {
  expect(escapeHtmlJson('{"a":"<b> & \u2028"}')).toBe('{"a":"\\u003cb\\u003e \\u0026 \\u2028"}');
});

test('go-yaml v3 puts letters first behind a digit', () => {
  expect(['01', '0zx'].sort(compareNatural)).toEqual(['01', '0zx']);
  expect(['01', '0zx'].sort(compareNaturalV3)).toEqual(['0zx', '01']);
});
