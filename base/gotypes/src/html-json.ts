const special = /[<>&\u2028\u2029]/g;

/** JSON with the characters escaped that Go's `json.Marshal` escapes besides what JSON needs: `<` is `\u003c`. */
export function escapeHtmlJson(json: string): string {
  return json.replace(special, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
