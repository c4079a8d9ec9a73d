/** helm-controller: brings charts into a cluster as Helm releases. */
export {};
