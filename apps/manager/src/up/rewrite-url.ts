import { FluxError } from '@flux/errors';

/** A `--rewrite-url` that is not `FROM=TO`. */
class RewriteUrlError extends FluxError {
  override readonly code = 'REWRITE_URL';
}

/**
 * Serves repositories from elsewhere than their manifests say, as Git's `url.<base>.insteadOf`: the longest FROM that the
 * URL starts with is replaced by its TO.
 */
export function rewriterOf(rules: readonly string[]): (url: string) => string {
  const pairs = rules.map(parseRule).sort((a, b) => b.from.length - a.from.length);
  return (url) => {
    const rule = pairs.find(({ from }) => url.startsWith(from));
    return rule ? rule.to + url.slice(rule.from.length) : url;
  };
}

function parseRule(rule: string): { from: string; to: string } {
  const [, from, to] = /^(\w+:\/\/[^=]+)=(\w+:\/\/.+)$/.exec(rule) ?? [];
  if (from === undefined || to === undefined) {
    throw new RewriteUrlError(`--rewrite-url takes FROM=TO, both URLs, not '${rule}'`);
  }
  return { from, to };
}
