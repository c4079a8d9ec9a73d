import { messageOf } from '@flux/errors';
import type { Checkout } from '@flux/git';
import { ReconcileError, type Retry } from '@flux/runtime';
import { type GitRepositoryRun, readSecret } from '../deps.ts';

/**
 * Checks the signatures that `spec.verify` asks for. A failure keeps the stored artifact (SRC-GIT-50..54). Unsigned objects are
 * refused as Flux does; signed ones are refused too until verification is built.
 */
export async function verifyCommit(run: GitRepositoryRun, { commit, tag, reference }: Checkout): Promise<void> {
  const { object, conditions } = run;
  const { verify } = object.spec;
  if (!verify) {
    delete object.status?.sourceVerificationMode;
    conditions.delete('SourceVerified');
    return;
  }
  await readKeys(run, verify.secretRef?.name ?? '');
  const mode = verify.mode ?? 'HEAD';
  if (mode === 'Tag' || mode === 'TagAndHEAD') {
    if (!reference.startsWith('refs/tags/')) {
      const message = "cannot verify tag object's signature if a tag reference is not specified";
      throw notVerified(run, 'InvalidVerificationMode', message, 'stalled');
    }
    const name = `${reference.slice('refs/tags/'.length)}@${tag?.hash ?? commit?.hash}`;
    if (!tag?.signature) {
      throw notVerified(run, 'InvalidGitObject', `cannot verify signature of tag '${name}' since it is not signed`);
    }
    const text = `signature verification of tag '${name}' failed: ${refusal(tag.signature)}`;
    throw notVerified(run, 'InvalidTagSignature', text);
  }
  const text = `signature verification of commit '${commit?.hash}' failed: ${refusal(commit?.signature ?? '')}`;
  throw notVerified(run, 'InvalidCommitSignature', text);
}

async function readKeys(run: GitRepositoryRun, name: string): Promise<void> {
  try {
    await readSecret(run, name);
  } catch (error) {
    throw notVerified(run, 'VerificationError', `public keys secret error: ${messageOf(error)}`);
  }
}

function refusal(signature: string): string {
  if (signature === '') return 'unsupported signature type: empty';
  const type = signature.includes('BEGIN SSH SIGNATURE')
    ? 'ssh'
    : signature.includes('BEGIN PGP')
      ? 'openpgp'
      : 'unknown';
  if (type === 'unknown') return 'unsupported signature type: unknown';
  return `spec.verify of ${type} signatures is not supported by this version of source-controller`;
}

function notVerified(run: GitRepositoryRun, reason: string, message: string, retry?: Retry): ReconcileError {
  run.conditions.set({ type: 'SourceVerified', status: 'False', reason, message });
  return new ReconcileError(reason, message, retry ? { retry } : {});
}
