const openSshMagic = 'openssh-key-v1\0';

/** Tells whether a PEM private key needs a passphrase; text that is no key does not. */
export function isEncryptedKey(pem: string): boolean {
  if (pem.includes('BEGIN ENCRYPTED PRIVATE KEY') || /^Proc-Type: 4,ENCRYPTED/m.test(pem)) return true;
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(pem)?.[1];
  if (body === undefined) return false;
  const bytes = Buffer.from(body, 'base64');
  if (!bytes.toString('latin1').startsWith(openSshMagic) || bytes.length < openSshMagic.length + 4) return false;
  const length = bytes.readUInt32BE(openSshMagic.length);
  const start = openSshMagic.length + 4;
  return bytes.toString('latin1', start, start + length) !== 'none'; // the name of the cipher
}
