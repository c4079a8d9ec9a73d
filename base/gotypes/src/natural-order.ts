/** Only for what is not ASCII, and made then: reading the classes of Unicode takes a while. */
let letter: RegExp | undefined;
let digit: RegExp | undefined;

/**
 * The order in which go-yaml sorts map keys: letters after everything else, runs of digits by their value, the rest by
 * code point. It is no total order for keys such as `1`, `1a`, `10a`.
 */
export function compareNatural(left: string, right: string): number {
  return compare(left, right, false);
}

/** The same as go-yaml v3 has it: what follows a digit that both have comes after letters. */
export function compareNaturalV3(left: string, right: string): number {
  return compare(left, right, true);
}

function compare(left: string, right: string, isV3: boolean): number {
  const shorter = Math.min(left.length, right.length);
  let index = 0;
  for (; index < shorter; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    if (isAsciiLetter(a) && isAsciiLetter(b)) return a - b;
    break;
  }
  if (index === shorter) return left.length - right.length;
  // Two texts that part inside a surrogate pair part at the character that the pair is.
  if (index > 0 && isHighSurrogate(left.charCodeAt(index - 1))) index -= 1;
  const lettersFirst = isV3 && index > 0 && isDigit(left.charCodeAt(index - 1));
  return isLessAt(left, right, index, lettersFirst) ? -1 : 1;
}

function isLessAt(left: string, right: string, index: number, lettersFirst: boolean): boolean {
  const a = left.codePointAt(index) ?? 0;
  const b = right.codePointAt(index) ?? 0;
  const isLetterA = isLetter(a);
  const isLetterB = isLetter(b);
  if (isLetterA && isLetterB) return a < b;
  if (isLetterA || isLetterB) return lettersFirst ? isLetterA : isLetterB;
  const isInsideNumber = (a === 0x30 || b === 0x30) && followsNonZeroDigit(left, index);
  const numberA = readDigits(left, index, isInsideNumber ? 1n : 0n);
  const numberB = readDigits(right, index, isInsideNumber ? 1n : 0n);
  if (numberA.value !== numberB.value) return numberA.value < numberB.value;
  return numberA.end === numberB.end ? a < b : numberA.end < numberB.end;
}

/** A leading zero counts as part of a longer number when a digit other than zero stands before it. */
function followsNonZeroDigit(text: string, index: number): boolean {
  for (let before = index - 1; before >= 0 && isDigit(text.charCodeAt(before)); before -= 1) {
    if (text.charCodeAt(before) !== 0x30) return true;
  }
  return false;
}

function readDigits(text: string, index: number, start: bigint): { value: bigint; end: number } {
  let value = start;
  let end = index;
  for (; end < text.length && isDigit(text.charCodeAt(end)); end += 1) {
    value = BigInt.asIntN(64, value * 10n + BigInt(text.charCodeAt(end) - 0x30));
  }
  return { value, end };
}

function isLetter(code: number): boolean {
  if (code < 0x80) return isAsciiLetter(code);
  letter ??= /\p{L}/u;
  return letter.test(String.fromCodePoint(code));
}

function isAsciiLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}

function isDigit(code: number): boolean {
  if (code < 0x80) return code >= 0x30 && code <= 0x39;
  digit ??= /\p{Nd}/u;
  return digit.test(String.fromCharCode(code));
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
