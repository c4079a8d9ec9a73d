import { pathGlob } from '../chart/path-glob.ts';
import { RenderRequestError } from './render-error.ts';
import { splitManifests } from './split-manifests.ts';

/** The documents of an output that come from the named files, in the order of the names; `*` and `?` match (`--show-only`). */
export function showOnly(output: string, patterns: readonly string[]): string {
  const documents = splitManifests(output).map((text) => ({ text, path: sourceOf(text) }));
  const shown = patterns.flatMap((pattern) => {
    const matches = pathGlob(pattern);
    const found = documents.filter(({ path }) => path !== undefined && matches?.(path));
    if (found.length === 0) throw new RenderRequestError(`could not find template ${pattern} in chart`);
    return found;
  });
  return shown.map(({ text }) => `---\n${text}\n`).join('');
}

/** The path below its chart that a document's `# Source:` line gives. */
function sourceOf(text: string): string | undefined {
  return /# Source: [^/]+\/(.+)/.exec(text)?.[1];
}
