/** One match of a pattern in a text. */
export interface RegexpMatch {
  /** Where the match starts and ends in the text, in UTF-16 units. */
  start: number;
  end: number;
  /** The whole match first; a group that took no part is undefined. */
  groups: readonly (string | undefined)[];
  named: Readonly<Record<string, string | undefined>>;
}
