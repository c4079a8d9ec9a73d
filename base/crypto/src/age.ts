import { FluxError } from '@flux/errors';

/** A file that age cannot write or read; the message never holds a key. */
export class AgeError extends FluxError {
  override readonly code = 'AGE';
}

const binaryStart = 'age-encryption.org/v1\n';
const armorStart = '-----BEGIN AGE ENCRYPTED FILE-----';

/** Whether bytes are an age file, binary or armored. */
export function isAgeFile(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  return start.startsWith(binaryStart) || start.trimStart().startsWith(armorStart);
}

/** Encrypts for public keys (`age1…`); each of their identities can decrypt it. */
export async function encryptAge(bytes: Uint8Array, recipients: readonly string[]): Promise<Uint8Array> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      // A private key given by mistake must not end up in a log.
      const shown = /^age1/i.test(recipient) ? ` ${JSON.stringify(recipient)}` : '';
      throw new AgeError(`malformed age recipient${shown}: it must start with age1`);
    }
  }
  return encrypter.encrypt(bytes);
}

/** Decrypts with the private keys (`AGE-SECRET-KEY-1…`) of an identity file: one a line, `#` begins a comment. */
export async function decryptAge(bytes: Uint8Array, identityFile: string): Promise<Uint8Array> {
  const { Decrypter, armor } = await import('age-encryption');
  const decrypter = new Decrypter();
  const lines = identityFile.split('\n').map((line) => line.trim());
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (identities.length === 0) throw new AgeError('the identity file holds no age identity');
  for (const [index, identity] of identities.entries()) {
    try {
      decrypter.addIdentity(identity);
    } catch {
      throw new AgeError(
        `identity ${index + 1} of the identity file is malformed: it must start with AGE-SECRET-KEY-1`,
      );
    }
  }
  const isArmored = !Buffer.from(bytes.subarray(0, binaryStart.length)).equals(Buffer.from(binaryStart));
  try {
    return await decrypter.decrypt(isArmored ? armor.decode(Buffer.from(bytes).toString('latin1')) : bytes);
  } catch (error) {
    const reason = reasonOf(error);
    if (/no identity matched/.test(reason.message)) {
      throw new AgeError('none of the identities is a recipient of the file', { cause: reason });
    }
    throw new AgeError('the file is damaged or cut short', { cause: reason });
  }
}

function reasonOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
