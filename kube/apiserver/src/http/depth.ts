import { badRequest } from '../status.ts';

/** Deeper than any object is; everything that looks into objects can follow that far. */
const maxDepth = 1000;

const quote = 34;
const backslash = 92;

/** Refuses a JSON text that nests deeper than objects may, before anything reads it. */
export function checkTextDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else if (code === 123 || code === 91) {
      if (++depth > maxDepth) throw tooDeep();
    } else if (code === 125 || code === 93) depth--;
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quote) break;
  }
  return at;
}

/** The same for a value that came out of a patch or of protobuf. */
export function checkDepth(value: unknown): void {
  let level: object[] = typeof value === 'object' && value !== null ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth) throw tooDeep();
    const below: object[] = [];
    for (const item of level) {
      for (const member of Object.values(item)) if (typeof member === 'object' && member !== null) below.push(member);
    }
    level = below;
  }
}

function tooDeep() {
  return badRequest(`json: exceeded max depth (${maxDepth})`);
}
