import { isPrintable } from '@flux/gotypes';

const html: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};
const script: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

/** Go's `HTMLEscapeString`. */
export function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (character) => html[character] ?? character);
}

/** Go's `JSEscapeString`. */
export function escapeScript(text: string): string {
  return [...text].map(escapeScriptCharacter).join('');
}

function escapeScriptCharacter(character: string): string {
  const known = script[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  if (!character.isWellFormed()) return character;
  if (code >= 0x20 && code < 0x7f) return character;
  if (code >= 0x80 && isPrintable(character)) return character;
  return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Go's `url.QueryEscape`. */
export function escapeQuery(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
