import { UsageError } from './command/errors.ts';
import type { Console } from './console.ts';
import type { Environment } from './context.ts';

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

function isDnsLabel(text: string): boolean {
  return text.length <= 63 && dnsLabel.test(text);
}

interface NamespaceChoice {
  /** Value of `--namespace`, when it was typed. */
  typed: string | undefined;
  followContext: boolean;
  env: Environment;
  /** Namespace of the current context, looked up only when it is asked for. */
  contextNamespace: () => Promise<string | undefined>;
}

/** The namespace of a command (spec cli 1.2): typed, else the context's when asked for, else the environment's. */
export async function chooseNamespace(choice: NamespaceChoice, out: Console): Promise<string> {
  if (choice.typed !== undefined) return choice.typed;
  if (choice.followContext || choice.env['FLUX_NS_FOLLOWS_KUBE_CONTEXT']) {
    const namespace = await choice.contextNamespace();
    if (namespace) return namespace;
  }
  const fromEnvironment = choice.env['FLUX_SYSTEM_NAMESPACE'];
  if (!fromEnvironment) return 'flux-system';
  if (isDnsLabel(fromEnvironment)) return fromEnvironment;
  out.warning(`ignoring invalid FLUX_SYSTEM_NAMESPACE: ${JSON.stringify(fromEnvironment)}`);
  return 'flux-system';
}

export function checkNamespace(namespace: string): void {
  if (!isDnsLabel(namespace)) throw new UsageError(`namespace must be a valid DNS label: ${JSON.stringify(namespace)}`);
}
