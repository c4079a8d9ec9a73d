import { asHelmSaysIt } from '../build/helm-failure.ts';
import type { Context } from '../context.ts';
import type { ReleaseFlags } from './flags.ts';
import { openReleaseSource, readRelease } from './read-release.ts';
import { renderRelease } from './render-release.ts';

/** `flux build helmrelease`: the manifest, then the hooks. */
export async function printRelease(
  context: Context,
  name: string,
  flags: ReleaseFlags & { 'dry-run': boolean },
): Promise<void> {
  const source = await openReleaseSource(context, flags.path, flags['dry-run']);
  try {
    const release = await readRelease(context, source, name, flags);
    const { manifest, hooks } = await renderRelease(context, release, source.cluster, flags);
    context.out.data(`${manifest.trim()}\n`);
    for (const { path, manifest: text } of hooks) context.out.data(`---\n# Source: ${path}\n${text.trimEnd()}\n`);
  } catch (error) {
    throw asHelmSaysIt(error);
  }
}
