import type { HttpResponse } from '@flux/http';
import { OciError } from './oci-error.ts';

/** The tags of one page of a list. */
export async function readTagPage(response: HttpResponse): Promise<string[]> {
  const text = Buffer.concat(await Array.fromAsync(response.body)).toString('utf8');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new OciError('the list of tags is not valid JSON');
  }
  const tags: unknown = typeof parsed === 'object' && parsed !== null && 'tags' in parsed ? parsed.tags : null;
  // A repository whose tags were all deleted has null.
  return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : [];
}

/** The address of the next page, from `Link: <…>; rel="next"`; it has to be on the same registry and another one. */
export function nextPage(response: HttpResponse, current: string): string | undefined {
  const link = /<([^<>]*)>\s*;\s*rel="?next"?/.exec(response.headers['link'] ?? '')?.[1];
  if (link === undefined) return undefined;
  if (!URL.canParse(link, current)) throw new OciError('the link to the next page of tags is not a URL');
  const next = new URL(link, current);
  if (next.origin !== new URL(current).origin) {
    throw new OciError(`the link to the next page of tags leads to another host: "${next.host}"`);
  }
  if (next.href === current) throw new OciError('the link to the next page of tags leads to the same page');
  return next.href;
}
