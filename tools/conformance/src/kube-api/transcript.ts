/** One recorded scenario; see the README of the recordings. */
export interface Transcript {
  name: string;
  controllers: boolean;
  steps: Step[];
}

export interface RecordedRequest {
  method: string;
  path: string;
  query?: Record<string, string> | [string, string][];
  headers: Record<string, string>;
  /** `none`, or `bearer:<token>`; absent: as the administrator. */
  auth?: string;
  body?: unknown;
  bodyText?: string;
}

export interface RecordedResponse {
  status: number;
  headers: Record<string, string | string[]>;
  body?: unknown;
  bodyText?: string;
  /** Only a part of the answer was kept. */
  bodySubset?: boolean;
}

export interface Step {
  n: number;
  request?: RecordedRequest;
  response?: RecordedResponse;
  setup?: boolean;
  /** The request was repeated until its answer was this one. */
  poll?: boolean;
  /** Opens a watch of this name. */
  watch?: string;
  /** The events that the watch of this name received since the last such step. */
  watchEvents?: string;
  events?: unknown[];
  closed?: boolean;
  unordered?: boolean;
  sleepSeconds?: number;
  action?: string;
  claims?: unknown;
}
