/** Go's unicode.ToUpper: a letter of which several would become stays. */
export function upperLetter(character: string): string {
  return single(character, character.toUpperCase());
}

/** Go's unicode.ToLower. */
export function lowerLetter(character: string): string {
  return character === '\u0130' ? 'i' : single(character, character.toLowerCase());
}

export function upperText(text: string): string {
  return mapLetters(text, upperLetter);
}

export function lowerText(text: string): string {
  return mapLetters(text, lowerLetter);
}

/** Go's strings.Map: bytes that are no text become replacement characters. */
export function mapLetters(text: string, change: (character: string) => string): string {
  return [...text.toWellFormed()].map(change).join('');
}

function single(character: string, changed: string): string {
  return changed.length === 1 || [...changed].length === 1 ? changed : character;
}
