import { isIP } from 'node:net';

/** The bytes of an address, 4 or 16; undefined for text that is none. An IPv4 address inside IPv6 is IPv4, as in Go. */
export function parseIpAddress(text: string): Buffer | undefined {
  if (text.includes('%')) return undefined;
  const version = isIP(text);
  if (version === 4) return Buffer.from(text.split('.').map(Number));
  if (version === 0) return undefined;
  const [head = '', tail] = text.split('::');
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const bytes = Buffer.from([...front, ...new Array<number>(16 - front.length - back.length).fill(0), ...back]);
  return bytes.toString('hex', 0, 12) === '00000000000000000000ffff' ? bytes.subarray(12) : bytes;
}

function groups(text: string): number[] {
  return text
    .split(':')
    .filter((group) => group !== '')
    .flatMap((group) => {
      if (group.includes('.')) return group.split('.').map(Number);
      const value = Number.parseInt(group, 16);
      return [value >> 8, value & 0xff];
    });
}
