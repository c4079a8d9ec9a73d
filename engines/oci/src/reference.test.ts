import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseChartReference, parseReference, type Reference, tagToVersion } from './index.ts';

const digest = `sha256:${'a'.repeat(64)}`;

function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

test.each([
  ['podinfo', 'index.docker.io/library/podinfo'],
  ['stefanprodan/podinfo:6.0.0', 'index.docker.io/stefanprodan/podinfo:6.0.0'],
  ['docker.io/podinfo', 'index.docker.io/library/podinfo'],
  ['ghcr.io/a/b', 'ghcr.io/a/b'],
  ['oci://ghcr.io/a/b:v1.0', 'ghcr.io/a/b:v1.0'],
  ['localhost:5000/a', 'localhost:5000/a'],
  ['oci://localhost/a', 'localhost/a'],
  ['[::1]:5000/a:x', '[::1]:5000/a:x'],
  [`ghcr.io/a@${digest}`, `ghcr.io/a@${digest}`],
  [`ghcr.io/a:v1@${digest}`, `ghcr.io/a:v1@${digest}`],
])('%s names %s', (text, name) => {
  expect(formatReference(parseReference(text))).toBe(name);
});

test.each([
  '',
  'oci://',
  'oci://ghcr.io',
  'oci://user:pass@ghcr.io/a',
  'ghcr.io/A',
  'ghcr.io/a/../b',
  'ghcr.io/a//b',
  'ghcr.io/a/',
  'ghcr.io/a:',
  'ghcr.io/a:v+1',
  'ghcr.io/a?x=1',
  'ghcr.io/a@sha256:abc',
  `ghcr.io/a@md5:${'a'.repeat(32)}`,
  'https://ghcr.io/a',
  'ghcr.io#x/a',
  `ghcr.io/${'a'.repeat(256)}`,
  `ghcr.io/a:${'a'.repeat(129)}`,
])('%j is no reference', (text) => {
  expect(() => parseReference(text)).toThrow(/^could not parse reference: /);
});

test('a version of a chart is a tag with _ for + (SRC-HCHART-10)', () => {
  expect(parseChartReference('oci://ghcr.io/charts/app:1.0.0+2.git')).toMatchObject({ tag: '1.0.0_2.git' });
  expect(parseChartReference(`oci://ghcr.io:443/charts/app@${digest}`)).toEqual({
    registry: 'ghcr.io:443',
    repository: 'charts/app',
    digest,
  });
  expect(tagToVersion('1.0.0_2.git')).toBe('1.0.0+2.git');
});

test('names that are long and nearly right are refused at once', () => {
  const started = `ghcr.io/${'a-'.repeat(120)}`;

  expect(() => parseReference(`${started}!`)).toThrow();
  expect(() => parseReference(`ghcr.io/${'a'.repeat(200)}${'_'.repeat(50)}`)).toThrow();
});

test('whatever can be read is written and read as the same', () => {
  const part = fc.stringMatching(/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+){0,2}$/);
  const host = fc.constantFrom('ghcr.io', 'localhost:5000', '127.0.0.1:1', '[::1]:80', 'docker.io');
  const tag = fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), { nil: undefined });
  fc.assert(
    fc.property(
      host,
      fc.array(part, { minLength: 1, maxLength: 4 }),
      tag,
      fc.boolean(),
      (registry, path, tag, pinned) => {
        const text = `${registry}/${path.join('/')}${tag === undefined ? '' : `:${tag}`}${pinned ? `@${digest}` : ''}`;
        const reference = parseReference(text);
        expect(parseReference(formatReference(reference))).toEqual(reference);
      },
    ),
  );
});

test('a reference never leads out of the API of its host', () => {
  const odd = fc.array(
    fc.constantFrom('/', '..', '.', ':', '@', '?', '#', '%2e', '\\', ' ', 'a', 'b.c', '1', '\0', 'oci://', digest),
    {
      maxLength: 10,
    },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        odd.map((parts) => parts.join('')),
        fc.string(),
      ),
      (text) => {
        let reference: ReturnType<typeof parseReference>;
        try {
          reference = parseReference(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'OCI_REFERENCE' });
          return;
        }
        const { registry, repository, tag, digest } = reference;
        const url = new URL(`https://${registry}/v2/${repository}/manifests/${digest ?? tag ?? 'latest'}`);
        expect(url.pathname).toBe(`/v2/${repository}/manifests/${digest ?? tag ?? 'latest'}`);
        expect([url.username, url.search, url.hash]).toEqual(['', '', '']);
      },
    ),
    { numRuns: 2000 },
  );
});
