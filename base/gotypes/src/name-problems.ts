const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const labelPattern = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const label1035Pattern = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;
const qualifiedPattern = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const qualifiedRule = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const qualifiedExamples = "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is";

function isLonger(value: string, maxBytes: number): boolean {
  return Buffer.byteLength(value) > maxBytes;
}

/** What keeps a text from being an RFC 1123 subdomain, in the words of Kubernetes. */
export function subdomainProblems(value: string): string[] {
  const problems: string[] = [];
  if (isLonger(value, 253)) problems.push('must be no more than 253 characters');
  if (value.length > 1000 || !value.split('.').every((part) => labelPattern.test(part))) {
    problems.push(
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
        `end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${label}(\\.${label})*')`,
    );
  }
  return problems;
}

/** What keeps a text from being an RFC 1123 label. */
export function labelProblems(value: string): string[] {
  const problems: string[] = [];
  if (isLonger(value, 63)) problems.push('must be no more than 63 characters');
  if (!labelPattern.test(value) && subdomainProblems(value).length === 0) problems.push('must not contain dots');
  else if (!labelPattern.test(value)) {
    problems.push(
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with " +
        `an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`,
    );
  }
  return problems;
}

/** What keeps a text from being an RFC 1035 label. */
export function label1035Problems(value: string): string[] {
  const problems: string[] = [];
  if (isLonger(value, 63)) problems.push('must be no more than 63 characters');
  if (!label1035Pattern.test(value)) {
    problems.push(
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, " +
        "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is " +
        "'[a-z]([-a-z0-9]*[a-z0-9])?')",
    );
  }
  return problems;
}

/** Keys of labels and annotations, finalizers, condition types: `prefix/name`. */
export function qualifiedNameProblems(value: string): string[] {
  const parts = value.split('/');
  const problems: string[] = [];
  if (parts.length > 2) {
    return [
      `a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an ` +
        `alphanumeric character ${qualifiedExamples} '${qualifiedRule}') with an optional DNS subdomain prefix and '/' ` +
        "(e.g. 'example.com/MyName')",
    ];
  }
  if (parts.length === 2) {
    const prefix = parts[0]!;
    if (prefix === '') problems.push('prefix part must be non-empty');
    else problems.push(...subdomainProblems(prefix).map((problem) => `prefix part ${problem}`));
  }
  const name = parts[parts.length - 1]!;
  if (name === '') problems.push('name part must be non-empty');
  else if (isLonger(name, 63)) problems.push('name part must be no more than 63 bytes');
  if (!qualifiedPattern.test(name)) {
    problems.push(
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " +
        `character ${qualifiedExamples} '${qualifiedRule}')`,
    );
  }
  return problems;
}

/** What keeps a text from being the value of a label. */
export function labelValueProblems(value: string): string[] {
  const problems: string[] = [];
  if (isLonger(value, 63)) problems.push('must be no more than 63 bytes');
  if (value !== '' && !qualifiedPattern.test(value)) {
    problems.push(
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and " +
        "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
        `'(${qualifiedRule})?')`,
    );
  }
  return problems;
}
