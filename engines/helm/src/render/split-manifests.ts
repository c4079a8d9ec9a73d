const leadingSpace = /^(?:[^\S\ufeff]|\u0085)+/;

/** Whether Go's `strings.TrimSpace` leaves nothing of a text. */
export function isBlank(text: string): boolean {
  return text.replace(leadingSpace, '') === '';
}

/**
 * Cuts a text into its documents at lines that begin with `---`, leaving out empty ones (HELM-MAN-01). As tolerant as
 * Helm: what follows the dashes on their line, `---apiVersion: v1`, belongs to the next document.
 */
export function splitManifests(text: string): string[] {
  const documents: string[] = [];
  const rest = text.replace(leadingSpace, '');
  let start = 0;
  for (let at = nextSeparator(rest, 0); at >= 0; at = nextSeparator(rest, start)) {
    push(documents, rest.slice(start, at));
    start = at + 3;
    while (rest[start] === ' ' || rest[start] === '\t') start += 1;
  }
  push(documents, rest.slice(start));
  return documents;
}

function nextSeparator(text: string, from: number): number {
  if (from === 0 && text.startsWith('---')) return 0;
  const at = text.indexOf('\n---', from);
  return at < 0 ? -1 : at + 1;
}

function push(documents: string[], text: string): void {
  const document = text.replace(leadingSpace, '');
  if (document !== '') documents.push(document);
}
