/** Where text goes: data to stdout, progress and failures to stderr (spec cli 1.1). */
export interface Streams {
  stdout(text: string | Uint8Array): void;
  stderr(text: string): void;
}

/** The only way for a command to say something. */
export interface Console {
  /** `►` an action starts. */
  action(text: string): void;
  /** `✚` something is generated. */
  generate(text: string): void;
  /** `◎` waiting. */
  waiting(text: string): void;
  /** `✔` done. */
  success(text: string): void;
  /** `⚠️` worth knowing. */
  warning(text: string): void;
  /** `✗` failed. */
  failure(text: string): void;
  /** Progress text without a symbol. */
  note(text: string): void;
  /** Data, as it is. */
  data(text: string | Uint8Array): void;
}

export function consoleOver({ stdout, stderr }: Streams): Console {
  const line = (symbol: string) => (text: string) => stderr(`${symbol} ${text}\n`);
  return {
    action: line('►'),
    generate: line('✚'),
    waiting: line('◎'),
    success: line('✔'),
    warning: line('⚠️'),
    failure: line('✗'),
    note: stderr,
    data: stdout,
  };
}
