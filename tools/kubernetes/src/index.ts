/**
 * A real Kubernetes control plane on loopback, built from Go modules: etcd, kube-apiserver, kube-controller-manager,
 * kube-scheduler and kwok. Start with `ensureBuilt(controlPlane)` and `startKubernetes`.
 */
export { binaryPath, cacheDirectory, ensureBuilt, GoBuildError } from './build.ts';
export { type ControlLoops, type ControlLoopsOptions, startControlLoops } from './control-loops.ts';
export { ensureKubectl } from './kubectl.ts';
export { controlPlane, fluxControllers, type GoProgram, referenceTools } from './modules.ts';
export { ControlPlaneError, type RealCluster, startKubernetes } from './start.ts';
export { areFluxControllersBuilt, type FluxControllers, startFluxControllers } from './start-flux.ts';
