/** Annotations, labels and finalizers that users and other controllers know by name. */

/** Asks for a reconciliation; handled when `status.lastHandledReconcileAt` holds the same value. */
export const requestedAtAnnotation = 'reconcile.fluxcd.io/requestedAt';
/** Asks a HelmRelease for one forced upgrade. */
export const forceAtAnnotation = 'reconcile.fluxcd.io/forceAt';
/** Asks a HelmRelease to forget its failures. */
export const resetAtAnnotation = 'reconcile.fluxcd.io/resetAt';
/** `disabled` on an object leaves it alone (kustomize.toolkit.fluxcd.io). */
export const reconcileAnnotation = 'kustomize.toolkit.fluxcd.io/reconcile';
export const pruneAnnotation = 'kustomize.toolkit.fluxcd.io/prune';
export const ssaAnnotation = 'kustomize.toolkit.fluxcd.io/ssa';
export const forceAnnotation = 'kustomize.toolkit.fluxcd.io/force';
export const substituteAnnotation = 'kustomize.toolkit.fluxcd.io/substitute';
/** Labels on every object that a Kustomization applied. */
export const kustomizationNameLabel = 'kustomize.toolkit.fluxcd.io/name';
export const kustomizationNamespaceLabel = 'kustomize.toolkit.fluxcd.io/namespace';
/** Labels on every object that a HelmRelease installed. */
export const helmReleaseNameLabel = 'helm.toolkit.fluxcd.io/name';
export const helmReleaseNamespaceLabel = 'helm.toolkit.fluxcd.io/namespace';
/** A referenced ConfigMap or Secret with this label triggers its users when it changes. */
export const watchLabel = 'reconcile.fluxcd.io/watch';
export const shardKeyLabel = 'sharding.fluxcd.io/key';
export const partOfLabel = 'app.kubernetes.io/part-of';
export const componentLabel = 'app.kubernetes.io/component';
export const instanceLabel = 'app.kubernetes.io/instance';
export const versionLabel = 'app.kubernetes.io/version';
/** The one finalizer of Flux's own kinds. */
export const fluxFinalizer = 'finalizers.fluxcd.io';
