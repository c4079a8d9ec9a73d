/**
 * Digests as artifacts carry them (`sha256:…`), the certificates that the embedded API server and test servers need, and
 * files encrypted with age. Start with `digest.ts`, `certificates.ts` and `age.ts`.
 */
export { AgeError, decryptAge, encryptAge, isAgeFile } from './age.ts';
export {
  type AuthorityOptions,
  type CertificateOptions,
  type CertifiedKey,
  createAuthority,
  issueCertificate,
} from './certificates.ts';
export {
  createDigest,
  type DigestAlgorithm,
  DigestError,
  type DigestStream,
  digest,
  digestAlgorithms,
  digestsEqual,
  parseDigest,
  sha256Hex,
} from './digest.ts';
