import type { IndexEntry } from './index-entry.ts';
import { ChartUrlError } from './repository-error.ts';

/** One `/` at the end for http, none for oci: the form in which credentials and dependencies are matched (SRC-HREPO-05). */
export function normaliseRepositoryUrl(url: string): string {
  if (url === '') return '';
  const bare = url.replace(/\/+$/, '');
  return url.startsWith('oci://') ? bare : `${bare}/`;
}

/** Where the index of a repository is; the query of the URL is kept (SRC-HREPO-05). */
export function indexUrl(repositoryUrl: string): string {
  const url = parse(repositoryUrl, repositoryUrl);
  url.pathname = `${url.pathname.replace(/\/{2,}/g, '/').replace(/\/+$/, '')}/index.yaml`;
  return url.href;
}

/** The first URL of an entry, resolved against that of the repository (SRC-HCHART-11). */
export function chartUrl(entry: Pick<IndexEntry, 'name' | 'urls'>, repositoryUrl: string): string {
  const [first] = entry.urls ?? [];
  if (first === undefined) throw new ChartUrlError(`chart '${entry.name}' has no downloadable URLs`);
  if (/^[a-z][a-z0-9+.-]*:/i.test(first)) {
    parse(first, first);
    return first;
  }
  const base = parse(repositoryUrl, repositoryUrl);
  const { search } = base;
  base.search = '';
  base.hash = '';
  base.pathname = `${base.pathname.replace(/\/$/, '')}/`;
  const resolved = parse(first, first, base);
  // repo.ResolveReferenceURL: the query is always that of the repository, as signed URLs have one.
  resolved.search = search;
  return resolved.href;
}

function parse(text: string, shown: string, base?: URL): URL {
  if (URL.canParse(text, base?.href)) return new URL(text, base);
  throw new ChartUrlError(`failed to parse ${shown} as URL`);
}
