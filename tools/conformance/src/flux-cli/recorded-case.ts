/** The index of recorded command lines; fields as in `cases/flux-cli/INDEX.json`. */
export interface CliIndex {
  cases: CliCase[];
  e2eSingles: CliCase[];
  directCalls: DirectCall[];
}

export interface CliCase {
  test: string;
  command: string;
  clusterObjects: ClusterObject[];
  expect: {
    golden?: string;
    values?: Record<string, string>;
    error?: string;
    errorContains?: string;
    success?: boolean;
  };
  recorded?: { output: string; error: string; exit: number };
  stdin?: string;
  env?: Record<string, string>;
}

export interface ClusterObject {
  op: 'create' | 'server-side-apply';
  file: string;
  values: Record<string, string>;
}

/** A test that calls a part of the command line, with what the command would have read. */
export interface DirectCall {
  test: string;
  command: string;
  expect: { golden?: string; error?: string };
  podLogStream?: string;
}

/** Fills `{{ .name }}`, the only template syntax of the recordings. */
export function render(text: string, values: Readonly<Record<string, string>> = {}): string {
  return text.replace(/\{\{-?\s*\.(\w+)\s*-?\}\}/g, (_, name: string) => values[name] ?? '');
}

/** Splits a recorded command line as a shell would; the program's own name is dropped. */
export function splitCommand(command: string): string[] {
  const words: string[] = [];
  const pattern = /(?:[^\s"']|"(?:[^"\\]|\\.)*"|'[^']*')+/g;
  for (const [word] of command.matchAll(pattern)) {
    words.push(
      word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, double, single) => single ?? double.replace(/\\(.)/g, '$1')),
    );
  }
  return words.slice(1);
}
