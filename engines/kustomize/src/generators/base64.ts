const lineLength = 70;

/** Base64 as kyaml writes it: in lines of 70 characters, each ended by a newline, once there is more than one line. */
export function encodeBase64(value: string | Uint8Array): string {
  const text = Buffer.from(typeof value === 'string' ? Buffer.from(value, 'utf8') : value).toString('base64');
  if (text.length < lineLength) return text;
  const lines: string[] = [];
  for (let start = 0; start < text.length; start += lineLength) lines.push(text.slice(start, start + lineLength));
  return `${lines.join('\n')}\n`;
}
