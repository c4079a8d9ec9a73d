/** What `flux up` was asked for. */
export interface UpOptions {
  /** Stop when all is settled: exit code 0 when everything is Ready, else 1. */
  once?: boolean;
  /** A folder of this machine to run instead of the example fleet; it is watched for changes. */
  folder?: string;
  /** A Git URL to run instead of the example fleet. */
  git?: string;
  /** Branch of `git`, default `main`. */
  branch?: string;
  /** Path of the Kustomization inside the repository, default `./`. */
  path?: string;
  /** Default: `$FLUX_DATA_DIR`, else `.flux` in the working directory. */
  dataDirectory?: string;
  /** Port of the API server; default: the one of the last run, else a free one. */
  port?: number;
  /** Port of the Git server; default: the one of the last run, else a free one. */
  gitPort?: number;
  /** `FROM=TO`: fetch repositories from elsewhere than their manifests say. */
  rewriteUrls?: readonly string[];
  /** False leaves nodes, workloads and garbage collection to a controller manager that is started beside. */
  simulate?: boolean;
  /** Also print the controllers' log. */
  verbose?: boolean;
  /** How long to wait for definitions, and with `once` for everything to settle. Default 5 minutes. */
  timeoutMs?: number;
  /** Ends `flux up`. */
  signal: AbortSignal;
  /** Progress, a line at a time (stderr of the command). */
  print: (line: string) => void;
  /** The final table and hints (stdout of the command). */
  output: (text: string) => void;
}

/** What `flux down` was asked for. */
export interface DownOptions {
  dataDirectory?: string;
  /** Also remove the data directory. */
  purge?: boolean;
  print: (line: string) => void;
}
