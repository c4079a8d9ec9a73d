/** Something odd in a chart or its values that Helm logs and goes on. */
export interface ChartWarning {
  level: 'INFO' | 'WARN';
  message: string;
  attributes?: Readonly<Record<string, string>>;
}

/** Takes warnings; without one they are dropped. */
export type Warn = (warning: ChartWarning) => void;

/** The line that the helm command prints of a warning. */
export function formatWarning({ level, message, attributes = {} }: ChartWarning): string {
  const parts = Object.entries(attributes).map(([key, value]) => `${key}=${quoteIfNeeded(value)}`);
  return [`level=${level}`, `msg=${quoteIfNeeded(message)}`, ...parts].join(' ');
}

/** Go's slog quotes what has spaces, quotes, `=` or what cannot be printed. */
function quoteIfNeeded(text: string): string {
  return text !== '' && /^[^\s"=\p{C}\ufffd]+$/u.test(text) ? text : JSON.stringify(text);
}
