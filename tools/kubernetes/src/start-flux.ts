import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { binaryPath } from './build.ts';
import { fluxControllers } from './modules.ts';
import { freePorts, startProcess, stopProcess } from './processes.ts';

/** Flux's own controllers at work. */
export interface FluxControllers {
  /** Where artifacts are served. */
  readonly storageAddress: string;
  /** As a Pod is stopped: they end what they do. */
  stop(): Promise<void>;
}

/** Whether `startFluxControllers` can start at once: building them takes minutes. */
export function areFluxControllersBuilt(): boolean {
  return fluxControllers.every((program) => existsSync(binaryPath(program)));
}

/** Starts Flux's source-controller and helm-controller; artifacts and logs are in the directory. */
export async function startFluxControllers(options: {
  kubeconfig: string;
  directory: string;
  /** Unset: a free port. */
  storageAddress?: string;
}): Promise<FluxControllers> {
  const { kubeconfig, directory } = options;
  const storage = join(directory, 'storage');
  await mkdir(storage, { recursive: true });
  const address = options.storageAddress ?? `127.0.0.1:${(await freePorts(1))[0]}`;
  const args: Readonly<Record<string, string[]>> = {
    'source-controller': [`--storage-path=${storage}`, `--storage-addr=${address}`, `--storage-adv-addr=${address}`],
    'helm-controller': ['--requeue-dependency=5s', '--concurrent=16'],
  };
  const common = ['--metrics-addr=127.0.0.1:0', '--health-addr=127.0.0.1:0', '--log-level=info'];
  const env = { ...process.env, KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: 'flux-system', TUF_ROOT: directory };
  const children = fluxControllers.map((program) => {
    const all = [...common, ...(args[program.name] ?? [])];
    return startProcess(binaryPath(program), program.name, all, directory, env);
  });
  const stop = async () => void (await Promise.all(children.map((child) => stopProcess(child, 'SIGTERM'))));
  return { storageAddress: address, stop };
}
