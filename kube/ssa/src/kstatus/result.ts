/** What kstatus says of an object; `Unknown` means that it could not be read or judged. */
export type ReadyStatus = 'InProgress' | 'Failed' | 'Current' | 'Terminating' | 'NotFound' | 'Unknown';

export interface StatusResult {
  status: ReadyStatus;
  message: string;
  /** Without any change of the object the answer may be another one after this time. */
  recheckAfterMs?: number;
}

export function current(message: string): StatusResult {
  return { status: 'Current', message };
}

export function inProgress(message: string): StatusResult {
  return { status: 'InProgress', message };
}

export function failed(message: string): StatusResult {
  return { status: 'Failed', message };
}
