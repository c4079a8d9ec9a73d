import { FluxError } from '@flux/errors';

/** A reference, a manifest or an answer of a registry is not what it must be. */
export class OciError extends FluxError {
  override readonly code: string = 'OCI';
}

/** A name of an artifact that cannot be read. */
export class OciReferenceError extends OciError {
  override readonly code = 'OCI_REFERENCE';
}

/** Content that does not have the digest or the size that it was asked for by. */
export class IntegrityError extends OciError {
  override readonly code = 'OCI_INTEGRITY';
}

/** An artifact is not signed as it must be, or a key cannot be used. */
export class SignatureError extends OciError {
  override readonly code = 'OCI_SIGNATURE';
}
