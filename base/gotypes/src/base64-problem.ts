const wellFormed = /^[A-Za-z0-9+/]*={0,2}$/;

/** What Go's encoding/base64 says of a text that is not base64, or undefined when it is; line breaks are allowed anywhere. */
export function base64Problem(text: string): string | undefined {
  const compact = text.replace(/[\r\n]/g, '');
  if (compact.length % 4 === 0 && wellFormed.test(compact)) return undefined;
  return `illegal base64 data at input byte ${findWrongByte(Buffer.from(text).toString('latin1'))}`;
}

/** Where Go's decoder stops; newlines count. */
function findWrongByte(bytes: string): number {
  const afterBreaks = (index: number) => index + (/^[\r\n]*/.exec(bytes.slice(index))?.[0].length ?? 0);
  let inGroup = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes.charAt(index);
    if (byte === '\n' || byte === '\r') continue;
    if (/[A-Za-z0-9+/]/.test(byte)) {
      inGroup = (inGroup + 1) % 4;
      continue;
    }
    if (byte !== '=' || inGroup < 2) return index;
    if (inGroup === 3) return afterBreaks(index + 1);
    const second = afterBreaks(index + 1);
    if (second >= bytes.length) return bytes.length;
    return bytes.charAt(second) === '=' ? afterBreaks(second + 1) : second - 1;
  }
  return bytes.length - inGroup;
}
