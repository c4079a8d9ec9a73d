/** Words that some mode does not take for strings. */
const noWord = '(?!(?:[yYnN]|[nN]o|NO|[oO]n|ON|[yY]es|YES|[oO]ff|OFF|[nN]ull|NULL|[tT]rue|TRUE|[fF]alse|FALSE):)';
const key = `${noWord}[A-Za-z_$][\\w.$/-]{0,99}:`;
/** Neither `: ` nor `#`, which could end a plain scalar before its line does. */
const plainRest = '[^\\n\\t:#]*(?::(?=[^ \\n\\t])[^\\n\\t:#]*)*';
const plain = `(?:[\\w/(^=]|\\.(?![iInN])|-(?=\\w))${plainRest}`;
const singleQuoted = "'[^'\\n\\t]*(?:(?:''|\\n )[^'\\n\\t]*)*'";
const doubleQuoted = '"[^"\\\\\\n\\t]*(?:(?:\\\\["\\\\nt]|\\\\?\\n )[^"\\\\\\n\\t]*)*"';
const quotedOrEmpty = `(?:${singleQuoted}|${doubleQuoted}|\\{\\}|\\[\\])`;
const item = `(?:${plain}|${quotedOrEmpty})\\n`;
/** Empty lines and comments can stand in the middle of what comes before them. */
const noGap = '(?! *[\\n\\t#])';
/** A pattern remembers all places that it could go back to, and that memory has a bound. */
const linesAtOnce = 64;

/** A key that is indented as `own` matches, and its value: a scalar, the start of a mapping, a list of scalars. Groups are told apart by an id. */
function entry(own: string, id: number): string {
  const end = `(?!${own} )${noGap}`;
  const values = [
    ` ${plain}\\n(?:${own} +[^ \\n\\t:#]${plainRest}\\n)*${end}`,
    ` ${quotedOrEmpty}\\n${end}`,
    ` [|>][-+]?\\n(?<inside${id}>${own} +)[^ \\n\\t].*\\n(?:\\k<inside${id}>.*\\n|\\n)*${end}`,
    `\\n(?=${own}(?:  )?[^- \\n\\t#])`,
    `\\n(?<dash${id}>${own}(?:  )?- )${item}(?:\\k<dash${id}>${item})*${afterList(own)}`,
  ];
  return `${key}(?:${values.join('|')})`;
}

/** Between a key and its items is no level that a line could go back to. */
function afterList(own: string): string {
  return `(?!${own}(?: |- ))${noGap}`;
}

/** A key whose value is a list of mappings, as long as there are no such lists in them. */
function listEntry(own: string): string {
  const first = `\\k<items>- ${entry('\\k<items>  ', 1)}`;
  const others = `(?:(?<inItem>\\k<items>  (?:  )*)${entry('\\k<inItem>', 2)}){0,${linesAtOnce}}`;
  return `${key}\\n(?=(?<items>${own}(?:  )?)- )(?:${first}${others}){1,${linesAtOnce}}${afterList(own)}`;
}

interface Patterns {
  /** Lines of mappings: as every level in between is one, a line may go back to any of them. */
  lines: RegExp;
  /** A key and, looking ahead, the first of its items. */
  list: RegExp;
  /** The first key of an item and its value. */
  item: RegExp;
  /** An item whose first key has a list. */
  listInItem: RegExp;
}

const patternsByIndent: Patterns[] = [];

/** Patterns for mappings that are indented by a number of spaces, and what is in them by two more for each level. */
function patternsFor(indent: number): Patterns {
  const known = patternsByIndent[indent];
  if (known !== undefined) return known;
  const line = `(?<own> {${indent}}(?:  )*)`;
  const dash = `(?<own> {${indent - 2}})- `;
  const patterns = {
    lines: new RegExp(`(?:${line}(?:${entry('\\k<own>', 0)}|${listEntry('\\k<own>')})){1,${linesAtOnce}}`, 'y'),
    list: new RegExp(`${line}${key}\\n(?=(?<items>\\k<own>(?:  )?)- )`, 'y'),
    item: new RegExp(`${dash}${entry('\\k<own>  ', 0)}`, 'y'),
    listInItem: new RegExp(`${dash}${key}\\n(?=(?<items>\\k<own>  (?:  )?)- )`, 'y'),
  };
  patternsByIndent[indent] = patterns;
  return patterns;
}

/** More levels than manifests have: patterns are made for each at which a list begins. */
const maxIndent = 64;

/**
 * The end of a mapping whose first line starts here and is indented by a number of spaces, if all of it is in the form in
 * which programs write manifests, else -1. In that form there is no error, so that it need not be read to know that.
 * Patterns run over text some five times as fast as readers.
 */
export function endOfRegularBlock(text: string, start: number, indent: number): number {
  return text.charCodeAt(start + indent) === 0x20 ? -1 : endOfMapping(text, start, indent);
}

function endOfMapping(text: string, start: number, indent: number): number {
  if (indent > maxIndent) return -1;
  const { lines, list } = patternsFor(indent);
  for (let position = start; ; ) {
    position = endOfMatches(lines, text, position);
    const found = matchAt(list, text, position);
    if (found === null) return isIndented(text, position, indent) ? -1 : position;
    position = endOfList(text, found, lengthOf(found, 'own'));
    if (position === -1) return -1;
  }
}

/** The end of a list whose key was matched, or -1. */
function endOfList(text: string, found: RegExpExecArray, keyIndent: number): number {
  const indent = lengthOf(found, 'items') + 2;
  if (indent > maxIndent) return -1;
  const { item, listInItem } = patternsFor(indent);
  const dash = `${' '.repeat(indent - 2)}- `;
  let position = found.index + found[0].length;
  do {
    const list = matchAt(listInItem, text, position);
    if (list !== null) position = endOfList(text, list, indent);
    else position = matchAt(item, text, position) === null ? -1 : item.lastIndex;
    if (position !== -1) position = endOfMapping(text, position, indent);
    if (position === -1) return -1;
  } while (text.startsWith(dash, position));
  return isIndented(text, position, keyIndent + 1) ? -1 : position;
}

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

function endOfMatches(pattern: RegExp, text: string, start: number): number {
  let position = start;
  pattern.lastIndex = start;
  while (pattern.test(text)) position = pattern.lastIndex;
  return position;
}

function lengthOf({ groups }: RegExpExecArray, name: string): number {
  return groups?.[name]?.length ?? 0;
}

function isIndented(text: string, position: number, spaces: number): boolean {
  return text.startsWith(' '.repeat(spaces), position);
}
