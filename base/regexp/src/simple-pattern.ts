/** Longer patterns have more than is looked for here. */
const maxLength = 200;
/** Each of these multiplies the ways to try by the length of the text, or by two. */
const maxRepetitions = 3;
const maxChoices = 6;

const set = String.raw`\[\^?(?:[\w .,:;@/=+_-]|\\[dw.+*?()|$^/-])+\]`;
const atom = String.raw`(?:[\w \t\n/:@,;=<>!"'#%&~-]|\\[dw.$^*+?()|[\]{}/\\-]|\.|${set})`;
const item = String.raw`(?:[\^$]|${atom}[+*?]?)`;
const group = String.raw`\((?:\?:)?${item}+(?:\|${item}+)*\)`;
/** A repetition of a group, in which only the last character has to be there. */
const loop = String.raw`\((?:\?:)?((?:${atom}\?)*${atom})\)[+*]`;
let grammar: RegExp | undefined;

/**
 * The pattern for JavaScript, with the flag `g`, if it means there what it means to RE2 in texts of ASCII, and takes little
 * time in short ones: characters, sets of them, `\d`, `\w` and `.`, a few repetitions and choices, groups without other groups in them.
 */
export function simplePattern(pattern: string): RegExp | undefined {
  if (pattern.length > maxLength) return undefined;
  const part = `(?:${item}|${loop}|${group})`;
  grammar ??= new RegExp(`^${part}+(?:\\|${part}+)*$`);
  // JavaScript takes a range that ends in a set
  if (!grammar.test(pattern) || /-\\[dw]/.test(pattern) || !areLoopsUnambiguous(pattern)) return undefined;
  const bare = pattern.replaceAll(/\\.|\[\^?(?:\\.|[^\]\\])+\]/g, '').replaceAll('(?:', '(');
  if ((bare.match(/[+*]/g)?.length ?? 0) > maxRepetitions || (bare.match(/[?|]/g)?.length ?? 0) > maxChoices) {
    return undefined;
  }
  // other ends of lines are no exception for RE2
  const source = pattern.replaceAll(/\\.|\[\^?(?:\\.|[^\]\\])+\]|\./g, (part) => (part === '.' ? '[^\\n]' : part));
  try {
    return new RegExp(source, 'g');
  } catch {
    // the engine says what is wrong, in Go's words
    return undefined;
  }
}

/** Whether each character tells which part of a repeated group it belongs to: otherwise the ways to try double with each. */
function areLoopsUnambiguous(pattern: string): boolean {
  if (!/\)[+*]/.test(pattern)) return true;
  for (const [, body = ''] of pattern.matchAll(new RegExp(loop, 'g'))) {
    const atoms = [...body.matchAll(new RegExp(atom, 'g'))].map(([text]) => new RegExp(`^${text}$`));
    for (let code = 0; code < 128; code++) {
      if (atoms.filter((each) => each.test(String.fromCharCode(code))).length > 1) return false;
    }
  }
  return true;
}
