import { expect, test } from 'vitest';
import { rewriterOf } from './rewrite-url.ts';

test('the longest matching prefix is replaced and other URLs stay', () => {
  const rewrite = rewriterOf(['https://example.com/=http://a/', 'https://example.com/podinfo=http://b/podinfo.git']);

  expect(rewrite('https://example.com/podinfo')).toBe('http://b/podinfo.git');
  expect(rewrite('https://example.com/other')).toBe('http://a/other');
  expect(rewrite('ssh://git@example.com/x')).toBe('ssh://git@example.com/x');
});

test('a rule without two URLs is refused by name', () => {
  expect(() => rewriterOf(['podinfo'])).toThrow("--rewrite-url takes FROM=TO, both URLs, not 'podinfo'");
});
