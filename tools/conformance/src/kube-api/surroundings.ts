import type { Transcript } from './transcript.ts';

/** What a program says of how it was built. */
const buildFacts = ['gitVersion', 'gitCommit', 'gitTreeState', 'buildDate', 'goVersion', 'compiler', 'platform'];

/**
 * A recording as it would be of another server: at another address, of another build, and without what scenarios that ran
 * beside it had defined.
 */
export function inSurroundings(transcript: Transcript, url: string): Transcript {
  const isAlone = !transcript.steps.some(({ request }) => request?.path.includes('/customresourcedefinitions'));
  const text = withMoments(JSON.stringify(transcript)).replaceAll('127.0.0.1:16443', new URL(url).host);
  const adjusted: Transcript = JSON.parse(text, (key, value: unknown) => {
    if (key === 'groups' && Array.isArray(value) && isAlone) return value.filter((group) => !isOfOthers(group));
    if (buildFacts.includes(key) && typeof value === 'string') return '<built>';
    return value;
  });
  return adjusted;
}

/** Names of events end in the nanoseconds of their moment. */
function withMoments(text: string): string {
  const moments = new Map<string, string>();
  return text.replace(/(?<=\.)1[0-9a-f]{15}(?=")/g, (moment) => {
    if (!moments.has(moment)) moments.set(moment, `<moment:${moments.size + 1}>`);
    return moments.get(moment)!;
  });
}

function isOfOthers(group: unknown): boolean {
  const { name, metadata } = (group ?? {}) as { name?: string; metadata?: { name?: string } };
  return /\.example\.com$/.test(name ?? metadata?.name ?? '');
}
