/** What stands between the percent sign of printf and its verb. */
export interface Flags {
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  /** `#` and `+` as `%v` takes them: Go syntax, and names of struct fields. */
  sharpV: boolean;
  plusV: boolean;
  width: number | undefined;
  precision: number | undefined;
}

/** Pads to the width, counted in characters; zeros go in front of everything, as Go does with text. */
export function pad(text: string, flags: Flags): string {
  if (flags.width === undefined) return text;
  const missing = flags.width - [...text].length;
  if (missing <= 0) return text;
  return flags.minus ? text + ' '.repeat(missing) : padding(missing, flags) + text;
}

/** Pads what is no text to fill up with zeros: numbers that are complete, infinities. */
export function padSpaces(text: string, flags: Flags): string {
  return flags.zero ? pad(text, { ...flags, zero: false }) : pad(text, flags);
}

/** What `missing` characters in front are filled with. */
export function padding(missing: number, flags: Flags): string {
  return (flags.zero && !flags.minus ? '0' : ' ').repeat(Math.max(0, missing));
}
