/** White space becomes a blank, what Go's unicode.IsPrint does not know is dropped (HELM-LOAD-03). */
export function cleanText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return text
    .replace(/[\s\x85]/gu, (character) => (character === '\ufeff' ? '' : ' '))
    .replace(/[^ \p{L}\p{M}\p{N}\p{P}\p{S}]/gu, '');
}
