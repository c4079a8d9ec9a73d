import { expect, test } from 'vitest';
import { chartUrl, indexUrl, normaliseRepositoryUrl } from './repository-url.ts';

test('a repository has one slash at its end, in a registry none (SRC-HREPO-05)', () => {
  expect(normaliseRepositoryUrl('https://a.example/x//')).toBe('https://a.example/x/');
  expect(normaliseRepositoryUrl('https://a.example')).toBe('https://a.example/');
  expect(normaliseRepositoryUrl('oci://a.example/x/')).toBe('oci://a.example/x');
});

test.each([
  ['https://a.example', 'https://a.example/index.yaml'],
  ['https://a.example/x//y/?token=1', 'https://a.example/x/y/index.yaml?token=1'],
])('the index of %s is at %s (SRC-HREPO-05)', (url, expected) => {
  expect(indexUrl(url)).toBe(expected);
});

test.each([
  ['https://a.example/x', 'app-1.0.0.tgz', 'https://a.example/x/app-1.0.0.tgz'],
  ['https://a.example/x/', 'charts/app-1.0.0+1.tgz', 'https://a.example/x/charts/app-1.0.0+1.tgz'],
  ['https://a.example/x?sig=1', 'app.tgz', 'https://a.example/x/app.tgz?sig=1'],
  ['https://a.example/x', '/app.tgz', 'https://a.example/app.tgz'],
  ['https://a.example/x', '//b.example/app.tgz', 'https://b.example/app.tgz'],
  ['https://a.example/x', 'https://b.example/app.tgz', 'https://b.example/app.tgz'],
])('with the repository %s the chart %s is at %s (SRC-HCHART-11)', (repository, url, expected) => {
  expect(chartUrl({ name: 'app', urls: [url, 'other'] }, repository)).toBe(expected);
});

test('an entry without addresses names the chart (SRC-HCHART-11)', () => {
  expect(() => chartUrl({ name: 'app', urls: null }, 'https://a.example')).toThrow(
    "chart 'app' has no downloadable URLs",
  );
});
