import { TemplateError } from '@flux/gotemplate';

interface Trace {
  location: string;
  executing: string;
  message: string;
}

/** Helm's text of an error of parsing: the place, and what stands behind the last colon (TPL-ERR-01). */
export function parseErrorText(file: string, message: string): string {
  const parts = message.split(': ');
  if (parts.length === 1) return `parse error in (${file}): ${message}`;
  return `parse error at (${parts[1]}): ${parts.at(-1)}`;
}

/** Helm's text of an error of executing: a message of `fail`, a trace, or the raw text when a cause is no template error. */
export function executeErrorText(file: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const chain = causes(error);
  if (!chain.some((cause) => cause instanceof TemplateError && cause.executing)) return message;
  const tokens = message.split(': ');
  if (tokens.length < 3) return `execution error in (${file}): ${message}`;
  const own = /HELM_ERR_START([\s\S]*)HELM_ERR_END/.exec(tokens.slice(2).join(': '));
  if (own !== null) return `execution error at (${tokens[1]}): ${own[1]}`;
  const traces: Trace[] = [];
  for (const cause of chain) {
    const trace = parseTrace(cause.message);
    if (trace === undefined) return message;
    const last = traces.at(-1);
    if (last === undefined || traceText(last) !== traceText(trace)) traces.push(trace);
  }
  return traces.map(traceText).join('').trim();
}

function causes(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let current = error; current instanceof Error && chain.length < 2000; current = current.cause)
    chain.push(current);
  return chain;
}

function traceText({ location, executing, message }: Trace): string {
  return `${location === '' ? '' : `${location}\n  `}${executing === '' ? '' : `${executing}\n    `}${message === '' ? '' : `${message}\n`}`;
}

function parseTrace(text: string): Trace | undefined {
  if (!text.startsWith('template: ')) return undefined;
  const rest = text.slice('template: '.length);
  if (rest.startsWith('no template ')) return { location: '', executing: '', message: text };
  const executing = rest.indexOf(': executing ');
  if (executing >= 0) {
    const match = /^"([^"]*)" at <([\s\S]*?)>: ([\s\S]*)$/.exec(rest.slice(executing + ': executing '.length));
    if (match !== null) {
      const [, name, place, message = ''] = match;
      return {
        location: rest.slice(0, executing),
        executing: `executing "${name}" at <${place}>:`,
        message: untilTemplate(message),
      };
    }
  }
  const separator = rest.lastIndexOf(': ');
  if (separator < 0) return undefined;
  return { location: rest.slice(0, separator), executing: '', message: untilTemplate(rest.slice(separator + 2)) };
}

function untilTemplate(message: string): string {
  const cut = message.indexOf(' template:');
  return cut < 0 ? message : message.slice(0, cut);
}
