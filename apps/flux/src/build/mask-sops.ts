import type { KubeObject } from '@flux/apimachinery';

const mask = '**SOPS**';
const maskBase64 = Buffer.from(mask).toString('base64');
const dockerMask = Buffer.from(JSON.stringify({ mask })).toString('base64');

/** A Secret with everything that SOPS encrypted replaced, so that a build needs no keys and shows no noise (spec cli 11). */
export function maskSops(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return object;
  const { sops, ...secret } = object;
  return (sops ? maskWhole(secret as KubeObject) : maskValues(object)) as KubeObject;
}

/** The whole Secret is encrypted. */
function maskWhole(secret: KubeObject): KubeObject {
  const isDocker = secret['type'] === 'kubernetes.io/dockerconfigjson';
  return {
    ...secret,
    ...maskedField(secret, 'data', () => (isDocker ? dockerMask : maskBase64)),
    ...maskedField(secret, 'stringData', () => (isDocker ? JSON.stringify({ mask }) : mask)),
  };
}

/** Single values may be encrypted files, as a secretGenerator makes them. */
function maskValues(secret: KubeObject): KubeObject {
  return {
    ...secret,
    ...maskedField(secret, 'data', (value) => (isEncrypted(decode(value)) ? maskBase64 : value)),
    ...maskedField(secret, 'stringData', (value) => (isEncrypted(value) ? maskBase64 : value)),
  };
}

function maskedField(secret: KubeObject, field: string, replace: (value: string) => string): object {
  const data: unknown = secret[field];
  if (typeof data !== 'object' || data === null) return {};
  return { [field]: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, replace(String(value))])) };
}

function decode(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8');
}

function isEncrypted(value: string): boolean {
  return value.includes('sops') && value.includes('ENC[');
}

/** Whether a built Secret holds a mask in place of some value. */
export function isSopsMask(object: KubeObject): boolean {
  if (object.kind !== 'Secret') return false;
  const values = [object['data'], object['stringData']].flatMap((data) => Object.values((data ?? {}) as object));
  return values.some((value) => [mask, maskBase64, dockerMask, JSON.stringify({ mask })].includes(String(value)));
}
