import { expect, test } from 'vitest';
import { hasFormat, supportedFormat } from './formats.ts';

test.for([
  ['uri', 'https://a.b/c?d', '::'],
  ['uri', '/path', 'path'],
  ['uri', 'mailto:x', 'http://a b'],
  ['email', 'a@b.c', 'a'],
  ['hostname', 'a-b.example.com', '-a'],
  ['ipv4', '10.0.0.1', '10.0.0'],
  ['ipv6', '::1', '1.2.3.4'],
  ['cidr', '10.0.0.0/8', '10.0.0.0/33'],
  ['mac', '01:23:45:67:89:ab', '01:23'],
  ['uuid', '123e4567-e89b-12d3-a456-426614174000', '123'],
  ['byte', 'YWJj', '***'],
  ['date', '2024-02-29', '2023-02-29'],
  ['date-time', '2024-01-01T00:00:00.5+01:00', '2024-01-01'],
  ['duration', '1h5m', '5x'],
  ['duration', '1 day', ''],
  ['isbn13', '978-0321751041', '978-0321751042'],
  ['isbn10', '0321751043', '0321751044'],
  ['creditcard', '4111 1111 1111 1111', '4111 1111 1111 1112'],
  ['ssn', '123-45-6789', '12'],
  ['hexcolor', '#ffF', '#ff'],
  ['rgbcolor', 'rgb(0,10,255)', 'rgb(0,10,256)'],
  ['k8s-short-name', 'a-b', 'a.b'],
  ['k8s-long-name', 'a.b', 'A'],
  ['bsonobjectid', '507f1f77bcf86cd799439011', 'x'],
  ['password', '', undefined],
] as const)('%s takes %j and refuses %j', ([format, good, bad]) => {
  expect(hasFormat(good, format)).toBe(true);
  if (bad !== undefined) expect(hasFormat(bad, format)).toBe(false);
});

test('unknown formats and formats of other types do not count', () => {
  expect(supportedFormat({ type: 'string', format: 'nosuch' })).toBeUndefined();
  expect(supportedFormat({ type: 'integer', format: 'date' })).toBeUndefined();
  expect(supportedFormat({ type: 'integer', format: 'int32' })).toBe('int32');
  expect(supportedFormat({ type: 'array', format: 'date' })).toBeUndefined();
});

test('long hostile texts are answered at once', () => {
  for (const format of ['email', 'hostname', 'duration', 'byte', 'uri', 'k8s-long-name']) {
    hasFormat(`${'a'.repeat(50_000)}!`, format);
    hasFormat('1a'.repeat(20_000), format);
  }
});
