/** A program that the Go module proxy gives us as source: which module, which version, how its `main` looks. */
export interface GoProgram {
  name: string;
  module: string;
  version: string;
  /** Body of the generated main package; absent when `package` is a main package of the module itself. */
  main?: string;
  /** Import path of the module's own main package. */
  package?: string;
  /** `-X` settings of the linker. */
  variables?: Readonly<Record<string, string>>;
  /** Modules that the program's own go.mod replaces by folders of its repository, and the release that stands for them. */
  stagingVersion?: string;
  /** What its own go.mod replaces by releases of other modules: `module version` by module. */
  replacements?: Readonly<Record<string, string>>;
}

const kubernetesVersion = '1.36.3';
const [major, minor] = kubernetesVersion.split('.') as [string, string];

function kubernetesModule(name: string): GoProgram {
  return {
    name,
    module: 'k8s.io/kubernetes',
    version: `v${kubernetesVersion}`,
    stagingVersion: `v0.${minor}.${kubernetesVersion.split('.')[2]}`,
    // Charts and kubectl check the version, so it has to be the real one and not the unset placeholder.
    variables: {
      'k8s.io/component-base/version.gitVersion': `v${kubernetesVersion}`,
      'k8s.io/component-base/version.gitMajor': major,
      'k8s.io/component-base/version.gitMinor': minor,
    },
  };
}

function kubernetes(name: string, newCommand: string): GoProgram {
  return {
    ...kubernetesModule(name),
    main: `package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/${name}/app"
)

func main() { os.Exit(cli.Run(app.${newCommand}())) }
`,
  };
}

/** The control plane that tests and `npm run kubernetes` start. */
export const controlPlane: readonly GoProgram[] = [
  {
    name: 'etcd',
    module: 'go.etcd.io/etcd/server/v3',
    version: 'v3.6.15',
    main: `package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
`,
  },
  kubernetes('kube-apiserver', 'NewAPIServerCommand'),
  kubernetes('kube-controller-manager', 'NewControllerManagerCommand'),
  kubernetes('kube-scheduler', 'NewSchedulerCommand'),
  { name: 'kwok', module: 'sigs.k8s.io/kwok', version: 'v0.8.0', package: 'sigs.k8s.io/kwok/cmd/kwok' },
];

/** kubectl, for machines that have none. */
export const kubectlProgram: GoProgram = {
  ...kubernetesModule('kubectl'),
  package: 'k8s.io/kubernetes/cmd/kubectl',
};

/** Reference tools that tests and benchmarks compare with. */
export const referenceTools: readonly GoProgram[] = [
  {
    name: 'kustomize',
    module: 'sigs.k8s.io/kustomize/kustomize/v5',
    version: 'v5.8.2',
    package: 'sigs.k8s.io/kustomize/kustomize/v5',
  },
  { name: 'helm4', module: 'helm.sh/helm/v4', version: 'v4.3.1', package: 'helm.sh/helm/v4/cmd/helm' },
  { name: 'helm3', module: 'helm.sh/helm/v3', version: 'v3.22.0', package: 'helm.sh/helm/v3/cmd/helm' },
];

const digestFork = 'github.com/opencontainers/go-digest';

/**
 * The controllers of Flux 2.9 that deal with Helm, for tests of taking over from them. helm-controller v1.6.3 needs a fork
 * of Helm that the module proxy does not give; v1.6.2 has Helm 4.2.2 itself.
 */
export const fluxControllers: readonly GoProgram[] = [
  {
    name: 'helm-controller',
    module: 'github.com/fluxcd/helm-controller',
    version: 'v1.6.2',
    package: 'github.com/fluxcd/helm-controller',
    replacements: {
      [digestFork]: `${digestFork} v1.0.1-0.20231025023718-d50d2fec9c98`,
      'sigs.k8s.io/kustomize/api': 'sigs.k8s.io/kustomize/api v0.21.1',
      'sigs.k8s.io/kustomize/kyaml': 'sigs.k8s.io/kustomize/kyaml v0.21.1',
    },
  },
  {
    name: 'source-controller',
    module: 'github.com/fluxcd/source-controller',
    version: 'v1.9.1',
    package: 'github.com/fluxcd/source-controller',
    replacements: { [digestFork]: `${digestFork} v1.0.1-0.20220411205349-bde1400a84be` },
  },
];
