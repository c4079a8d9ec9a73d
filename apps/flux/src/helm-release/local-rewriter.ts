import { readFile } from 'node:fs/promises';
import { findLocalCluster } from '../connect.ts';
import type { Context } from '../context.ts';

/**
 * Where the controllers of `flux up` fetch repositories instead of at their own addresses, so that commands see the same
 * charts; other clusters change no address.
 */
export async function localRewriter({ globals, env, cwd }: Context): Promise<(url: string) => string> {
  const local = findLocalCluster(globals, env, cwd);
  const rules = local ? rulesIn(await readFile(local.runtime, 'utf8').catch(() => '')) : [];
  if (rules.length === 0) return (url) => url;
  const { rewriterOf } = await import('@flux/manager');
  return rewriterOf(rules);
}

function rulesIn(text: string): string[] {
  try {
    const { rewriteUrls } = JSON.parse(text) as { rewriteUrls?: unknown };
    return Array.isArray(rewriteUrls) ? rewriteUrls.filter((rule) => typeof rule === 'string') : [];
  } catch {
    return [];
  }
}
