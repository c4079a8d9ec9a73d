import type { HelmRepository } from '@flux/api';
import { messageOf } from '@flux/errors';
import { type CosignKey, readCosignKey, SignatureError } from '@flux/oci';
import { ReconcileError } from '@flux/runtime';
import { BuildError } from '../build-error.ts';
import { type ChartRepository, getSecret, type HelmChartRun, type OfferedChart } from '../deps.ts';

/** The keys of `spec.verify`, one of which must have signed the chart; undefined where nothing is to be verified. */
export async function readVerificationKeys(
  run: HelmChartRun,
  source: HelmRepository,
): Promise<readonly CosignKey[] | undefined> {
  const { verify } = run.object.spec;
  if (!verify || source.spec.type !== 'oci') return undefined; // those of an index are refused once the chart is found
  const { provider = 'cosign', secretRef } = verify;
  try {
    if (provider !== 'cosign') {
      throw new SignatureError(
        `spec.verify.provider '${provider}' is not supported by this version of source-controller`,
      );
    }
    if (!secretRef) {
      throw new SignatureError(
        'keyless verification is not supported by this version of source-controller; name public keys with spec.verify.secretRef',
      );
    }
    return await readKeys(run, secretRef.name);
  } catch (cause) {
    run.signal.throwIfAborted();
    const told = provider === 'cosign' && !secretRef ? 'cosign keyless' : provider;
    const message = `failed to verify the signature using provider '${told}': ${messageOf(cause)}`;
    run.conditions.set({ type: 'SourceVerified', status: 'False', reason: 'VerificationError', message });
    throw new ReconcileError('VerificationError', message, { cause });
  }
}

/** Every `*.pub` of the Secret. */
async function readKeys(run: HelmChartRun, name: string): Promise<CosignKey[]> {
  const secret = await getSecret(run, name);
  const keys = [...secret.data].filter(([key]) => key.endsWith('.pub')).map(([, pem]) => readCosignKey(pem));
  if (keys.length === 0) throw new SignatureError(`no public keys found in secret '${secret.id}'`);
  return keys;
}

/** On every pass, also of a chart that is there already (SRC-HCHART-31). What is downloaded later is what was verified. */
export async function verifyChart(
  run: HelmChartRun,
  charts: ChartRepository,
  { offered, keys }: { offered: OfferedChart; keys: readonly CosignKey[] | undefined },
): Promise<void> {
  if (!keys || !charts.verify) throw new BuildError('ChartVerificationError', 'not implemented'); // SRC-HCHART-32
  try {
    await charts.verify(offered, keys);
  } catch (cause) {
    run.signal.throwIfAborted();
    const text = `failed to verify ${offered.url}: ${messageOf(cause)}`;
    throw new BuildError('ChartVerificationError', text, { cause });
  }
}
