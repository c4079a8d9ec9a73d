import { runFlux } from '@flux/flux';

/** The version that the command line of this build prints. */
export async function versionText(): Promise<string> {
  let text = '';
  await runFlux({
    args: ['--version'],
    stdout: (piece) => {
      text += piece;
    },
    stderr: () => undefined,
  });
  return text.trim().replace('flux version ', '');
}
