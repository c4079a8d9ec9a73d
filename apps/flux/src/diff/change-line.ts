type ChangeWord = 'created' | 'drifted' | 'deleted' | 'skipped';

const colours: Readonly<Record<ChangeWord, string>> = {
  created: '32',
  drifted: '33',
  deleted: '31',
  skipped: '38;5;208',
};

/** `► Kind/ns/name drifted`, coloured on a terminal. */
export function changeLine(subject: string, word: ChangeWord, isTerminal: boolean): string {
  const line = `► ${subject} ${word}`;
  return isTerminal ? `\u001b[${colours[word]}m${line}\u001b[0m\n` : `${line}\n`;
}
