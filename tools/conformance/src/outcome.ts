/** What became of one recorded case; `failure` says what differed. */
export interface Outcome {
  id: string;
  failure?: string;
}

/** Replays every case below a folder of its suite's layout. */
export type RunSuite = (folder: string) => Promise<Outcome[]>;
