import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, startProcess, stopAll } from './processes.ts';
import { stages } from './stages.ts';

export interface ControlLoopsOptions {
  /** Paths of kube-controller-manager, kube-scheduler and kwok by name. */
  binaries: Readonly<Record<string, string>>;
  /** Where settings and logs are written: `kube-controller-manager.log` and so on. */
  directory: string;
  kubeconfig: string;
  /** What the API server signs tokens of ServiceAccounts with. */
  serviceAccountKeyFile: string;
  rootCaFile: string;
}

export interface ControlLoops {
  readonly children: readonly ChildProcess[];
  stop(): Promise<void>;
}

/**
 * Starts the real controller manager, scheduler and kwok for any API server, as a cluster runs them: with leader election,
 * an account for each controller, heartbeats of nodes, and endpoints that ask the API server who calls.
 */
export async function startControlLoops(options: ControlLoopsOptions): Promise<ControlLoops> {
  const { binaries, directory, kubeconfig } = options;
  const [managerPort, schedulerPort] = await freePorts(2);
  const stagesFile = await writeStages(directory);
  const programs = {
    'kube-controller-manager': [
      ...controllerManagerArgs(options),
      '--controllers=*,bootstrap-signer-controller,token-cleaner-controller',
      '--use-service-account-credentials=true',
      ...servingArgs(options, managerPort!),
    ],
    'kube-scheduler': ['--kubeconfig', kubeconfig, ...servingArgs(options, schedulerPort!)],
    kwok: [...kwokArgs(kubeconfig, stagesFile), '--node-lease-duration-seconds=40'],
  };
  const children = Object.entries(programs).map(([name, args]) => startProcess(binaries[name]!, name, args, directory));
  return { children, stop: () => stopAll(children) };
}

/** What every use of the controller manager needs. */
export function controllerManagerArgs({
  kubeconfig,
  serviceAccountKeyFile,
  rootCaFile,
}: Pick<ControlLoopsOptions, 'kubeconfig' | 'serviceAccountKeyFile' | 'rootCaFile'>): string[] {
  return [
    '--kubeconfig',
    kubeconfig,
    `--service-account-private-key-file=${serviceAccountKeyFile}`,
    `--root-ca-file=${rootCaFile}`,
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}

/** The simulated kubelet of all nodes; `stages` says what it does. */
export function kwokArgs(kubeconfig: string, stagesFile: string): string[] {
  return ['--kubeconfig', kubeconfig, '--manage-all-nodes=true', '--server-address=', '--config', stagesFile];
}

export async function writeStages(directory: string): Promise<string> {
  const file = join(directory, 'stages.yaml');
  await writeFile(file, stages);
  return file;
}

function servingArgs({ directory, kubeconfig }: ControlLoopsOptions, port: number): string[] {
  return [
    '--leader-elect=true',
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${join(directory, `certs-${port}`)}`,
    '--authentication-kubeconfig',
    kubeconfig,
    '--authorization-kubeconfig',
    kubeconfig,
  ];
}
