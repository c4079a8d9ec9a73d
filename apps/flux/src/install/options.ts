/** What the generated installation depends on. */
export interface InstallOptions {
  namespace: string;
  /** With the leading v. */
  version: string;
  components: readonly string[];
  /** Full reference of the manager's image. */
  image: string;
  imagePullSecret: string;
  clusterDomain: string;
  logLevel: string;
  networkPolicy: boolean;
  watchAllNamespaces: boolean;
  tolerationKeys: readonly string[];
}
