/** The controllers that this build has, by the names that Flux gives them. */
export const controllerNames = ['source-controller', 'kustomize-controller', 'helm-controller'] as const;
export type ControllerName = (typeof controllerNames)[number];
