import type { YamlMode } from './cursor.ts';
import { longestWord, resolvePlain } from './resolve.ts';
import { parseTimestamp } from './timestamp.ts';

type ScalarStyle = 'plain' | 'single' | 'double' | 'literal';

/** Base 60 numbers of YAML 1.1, which go-yaml does not read but quotes for the sake of other readers. */
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
/** 2 for what may begin simple text, 1 for what may also stand in it. */
const simpleCharacters = new Uint8Array(128);
for (const character of '0123456789.-') simpleCharacters[character.charCodeAt(0)] = 1;
for (let code = 0x41; code <= 0x5a; code += 1) simpleCharacters[code] = simpleCharacters[code + 0x20] = 2;
for (const character of '_/') simpleCharacters[character.charCodeAt(0)] = 2;
const indicators = new Set([...'#,[]{}&*!|>\'"%@`'].map((character) => character.charCodeAt(0)));

/** What a scan of a string's characters says about the styles it can have; names follow libyaml's analysis. */
interface Analysis {
  hasBreaks: boolean;
  isPlainAllowed: boolean;
  isSingleAllowed: boolean;
  isLiteralAllowed: boolean;
}

/** Whether text needs no look at its style: no indicator, no space, and by its first letter no number. */
export function isSimple(text: string): boolean {
  const { length } = text;
  if (length === 0) return false;
  let previous = text.charCodeAt(0);
  if (previous > 127 || simpleCharacters[previous] !== 2) return false;
  for (let index = 1; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 127) return false;
    if (simpleCharacters[code] === 0 && (code !== 0x3a || previous === 0x3a || index === length - 1)) return false;
    previous = code;
  }
  return length > longestWord || !readsAsOther(text);
}

/** Whether a string written without quotes would be read as something else. */
function readsAsOther(text: string): boolean {
  return typeof resolvePlain(text, 'sigs') !== 'string' || parseTimestamp(text) || base60.test(text);
}

/** The style in which go-yaml writes a string. */
export function chooseStyle(text: string, isKey: boolean, mode: YamlMode): ScalarStyle {
  if (isSimple(text)) return 'plain';
  if (text === '') return 'double';
  const analysis = analyze(text, mode);
  if (analysis.hasBreaks && isKey) return 'double';
  if (text.includes('\n')) return analysis.isLiteralAllowed ? 'literal' : 'double';
  if (readsAsOther(text)) return 'double';
  if (analysis.isPlainAllowed) return 'plain';
  return analysis.isSingleAllowed ? 'single' : 'double';
}

function analyze(text: string, mode: YamlMode): Analysis {
  let hasIndicator = text.startsWith('---') || text.startsWith('...') || startsWithIndicator(text);
  let hasBreaks = false;
  let hasSpecial = false;
  let hasTab = false;
  let hasBreakSpace = false;
  let hasSpaceBreak = false;
  let previous = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x20) {
      hasBreakSpace ||= isLineBreak(previous);
    } else if (isLineBreak(code)) {
      hasBreaks = true;
      hasSpaceBreak ||= previous === 0x20;
    } else if (index > 0) {
      if (code === 0x3a) hasIndicator ||= index + 1 === text.length || isSpaceOrTab(text.charCodeAt(index + 1));
      else if (code === 0x23) hasIndicator ||= isSpaceOrTab(previous) || isLineBreak(previous);
    }
    // Only v3 lets tabs stand in a block.
    if (code === 0x09 && mode === 'v3') hasTab = true;
    else hasSpecial ||= !isPrintable(code);
    previous = code;
  }
  const hasTrailingSpace = previous === 0x20;
  const isAtEdge = hasTrailingSpace || isLineBreak(previous) || text[0] === ' ' || isLineBreak(text.charCodeAt(0));
  const isSingleAllowed = !(hasBreakSpace || hasSpaceBreak || hasSpecial || hasTab);
  return {
    hasBreaks,
    isSingleAllowed,
    isPlainAllowed: isSingleAllowed && !isAtEdge && !hasBreaks && !hasIndicator,
    isLiteralAllowed: !(hasTrailingSpace || hasSpaceBreak || hasSpecial),
  };
}

function startsWithIndicator(text: string): boolean {
  const code = text.charCodeAt(0);
  if (indicators.has(code)) return true;
  if (code !== 0x3f && code !== 0x3a && code !== 0x2d) return false;
  return text.length === 1 || isSpaceOrTab(text.charCodeAt(1));
}

function isSpaceOrTab(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

export function isLineBreak(code: number): boolean {
  return code === 10 || code === 13 || code === 0x85 || code === 0x2028 || code === 0x2029;
}

/** libyaml's idea of printable, to which nothing beyond the basic plane belongs. */
export function isPrintable(code: number): boolean {
  if (code < 0x7f) return code >= 0x20 || code === 10;
  if (code < 0xa0) return false;
  return code < 0xd800 || (code >= 0xe000 && code < 0xfffe && code !== 0xfeff);
}
