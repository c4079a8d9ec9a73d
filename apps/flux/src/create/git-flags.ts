import { UsageError } from '../command/errors.ts';
import { boolFlag, checkedFlag, enumFlag, type FlagValues, intFlag, listFlag, stringFlag } from '../command/flag.ts';
import type { createSourceFlags } from './flags.ts';

const providers = ['generic', 'github', 'aws', 'azure'] as const;
export type GitProvider = (typeof providers)[number];

/** Flags of `flux create source git`. */
export const gitFlags = {
  branch: stringFlag('git branch'),
  'ca-file': stringFlag('path to TLS CA file used for validating self-signed certificates'),
  commit: stringFlag('git commit'),
  'ignore-paths': listFlag('set paths to ignore in git resource (can specify multiple paths with commas: path1,path2)'),
  password: stringFlag('basic authentication password', { short: 'p' }),
  'private-key-file': stringFlag(
    'path to a passwordless private key file used for authenticating to the Git SSH server',
  ),
  provider: checkedFlag(
    'the Git provider name, available options are: (generic|github|aws|azure)',
    'sourceGitProvider',
    checkProvider,
  ),
  'proxy-secret-ref': stringFlag('the name of an existing secret containing the proxy address and credentials'),
  'recurse-submodules': boolFlag(
    'when enabled, configures the GitRepository source to initialize and include Git submodules in the artifact it produces',
  ),
  'ref-name': stringFlag('git reference name'),
  'secret-ref': stringFlag(
    'the name of an existing secret containing SSH or basic credentials or github app authentication',
  ),
  silent: boolFlag('assumes the deploy key is already setup, skips confirmation', { short: 's' }),
  'sparse-checkout-paths': listFlag(
    'set paths to sparse checkout in git resource (can specify multiple paths with commas: path1,path2)',
  ),
  'ssh-ecdsa-curve': enumFlag('SSH ECDSA public key curve (p256, p384, p521)', ['p256', 'p384', 'p521'], {
    default: 'p384',
    refuse: (text) => `unsupported curve '${text}', must be one of: p256, p384, p521`,
  }),
  'ssh-key-algorithm': enumFlag('SSH public key algorithm (rsa, ecdsa, ed25519)', ['rsa', 'ecdsa', 'ed25519'], {
    default: 'ecdsa',
    refuse: (text) => `unsupported public key algorithm '${text}', must be one of: rsa, ecdsa, ed25519`,
  }),
  'ssh-rsa-bits': intFlag('SSH RSA public key bit size (multiplies of 8, min 1024)', { default: 2048 }),
  tag: stringFlag('git tag'),
  'tag-semver': stringFlag('git tag semver range'),
  url: stringFlag('git address, e.g. ssh://git@host/org/repository'),
  username: stringFlag('basic authentication username', { short: 'u' }),
};

export type GitFlags = FlagValues<typeof gitFlags & typeof createSourceFlags>;

function checkProvider(text: string): string {
  if (text.trim() === '') throw new UsageError('no source Git provider given, please specify the Git provider name');
  if (providers.some((provider) => provider === text)) return text;
  throw new UsageError(`source Git provider '${text}' is not supported, must be one of: ${providers.join('|')}`);
}
