/**
 * The server's rules for names. Each function answers a list of messages, empty when the value is fine. The patterns run on
 * native regular expressions: they have no nested repetition over the same characters, so they stay linear.
 */
const dns1123Label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const dns1123Subdomain = `${dns1123Label}(\\.${dns1123Label})*`;
const dns1035Label = '[a-z]([-a-z0-9]*[a-z0-9])?';
const labelKey = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValue = `(${labelKey})?`;

const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const label1035Text =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const labelKeyText =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const labelValueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const configKeyText = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";

/** The most that any pattern here is run against; longer values are wrong by length already. */
const maxMatched = 1024;

function matches(pattern: string, value: string): boolean {
  return value.length <= maxMatched && new RegExp(`^${pattern}$`).test(value);
}

function tooLong(value: string, maxBytes: number): string[] {
  return Buffer.byteLength(value) > maxBytes ? [`must be no more than ${maxBytes} bytes`] : [];
}

/** The server's text for a value that does not match, with examples and the pattern. */
function regexMessage(text: string, pattern: string, ...examples: string[]): string {
  if (examples.length === 0) return `${text} (regex used for validation is '${pattern}')`;
  const quoted = examples.map((example) => `'${example}', `).join(' or ');
  return `${text} (e.g. ${quoted}regex used for validation is '${pattern}')`;
}

/** Namespace names, container names. */
export function checkDns1123Label(value: string): string[] {
  const messages = tooLong(value, 63);
  if (!matches(dns1123Label, value)) {
    const dotted = matches(dns1123Subdomain, value);
    messages.push(dotted ? 'must not contain dots' : regexMessage(labelText, dns1123Label, 'my-name', '123-abc'));
  }
  return messages;
}

/** Names of most objects. */
export function checkDns1123Subdomain(value: string): string[] {
  const messages = tooLong(value, 253);
  if (!matches(dns1123Subdomain, value)) messages.push(regexMessage(subdomainText, dns1123Subdomain, 'example.com'));
  return messages;
}

/** Service names before 1.34, CRD kinds in lower case. */
export function checkDns1035Label(value: string): string[] {
  const messages = tooLong(value, 63);
  if (!matches(dns1035Label, value)) messages.push(regexMessage(label1035Text, dns1035Label, 'my-name', 'abc-123'));
  return messages;
}

/** Label keys, annotation keys (in lower case), finalizers: an optional DNS prefix, a slash, a name. */
export function checkLabelKey(value: string): string[] {
  const parts = value.split('/');
  if (parts.length > 2) {
    const text = regexMessage(labelKeyText, labelKey, 'MyName', 'my.name', '123-abc');
    return [`a valid label key ${text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const name = parts.at(-1) ?? '';
  const messages = parts.length === 2 ? checkPrefix(parts[0] ?? '') : [];
  if (name === '') messages.push('name part must be non-empty');
  else messages.push(...tooLong(name, 63).map((message) => `name part ${message}`));
  if (!matches(labelKey, name)) {
    messages.push(`name part ${regexMessage(labelKeyText, labelKey, 'MyName', 'my.name', '123-abc')}`);
  }
  return messages;
}

function checkPrefix(prefix: string): string[] {
  if (prefix === '') return ['prefix part must be non-empty'];
  return checkDns1123Subdomain(prefix).map((message) => `prefix part ${message}`);
}

export function checkLabelValue(value: string): string[] {
  const messages = tooLong(value, 63);
  if (!matches(labelValue, value)) {
    messages.push(regexMessage(labelValueText, labelValue, 'MyValue', 'my_value', '12345'));
  }
  return messages;
}

/** Keys of ConfigMaps and Secrets. */
export function checkConfigKey(value: string): string[] {
  const messages = tooLong(value, 253);
  if (!matches('[-._a-zA-Z0-9]+', value)) {
    messages.push(regexMessage(configKeyText, '[-._a-zA-Z0-9]+', 'key.name', 'KEY_NAME', 'key-name'));
  }
  if (value === '.') messages.push("must not be '.'");
  else if (value === '..') messages.push("must not be '..'");
  else if (value.startsWith('..')) messages.push("must not start with '..'");
  return messages;
}

/** Names of kinds that only have to fit into a path, such as RBAC roles. */
export function checkPathSegmentName(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`);
}
