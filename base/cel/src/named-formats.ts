import {
  label1035Problems,
  labelProblems,
  labelValueProblems,
  parseTime,
  qualifiedNameProblems,
  subdomainProblems,
} from '@flux/gotypes';
import type { Environment } from '@marcbachmann/cel-js';
import { succeeds } from './attempt.ts';
import { CelError } from './cel-error.ts';
import { isRequestUri } from './kubernetes.ts';

type Library = typeof import('@marcbachmann/cel-js');
type Problems = (text: string) => readonly string[];

/** A format that has a name. */
class CelFormat {
  readonly name: string;
  readonly problems: Problems;

  constructor(name: string, problems: Problems) {
    this.name = name;
    this.problems = problems;
  }
}

class Formats {}

/** What ends in a dash may have something added to it. */
function prefix(problems: Problems): Problems {
  return (text) => problems(text.replace(/-$/, 'a'));
}

function when(test: (text: string) => boolean, problem: string): Problems {
  return (text) => (test(text) ? [] : [problem]);
}

function isTime(text: string): boolean {
  return succeeds(() => parseTime(text));
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const uuid = /^[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12}$/i;

const formats: Readonly<Record<string, Problems>> = {
  dns1123Label: labelProblems,
  dns1123Subdomain: subdomainProblems,
  dns1035Label: label1035Problems,
  qualifiedName: qualifiedNameProblems,
  dns1123LabelPrefix: prefix(labelProblems),
  dns1123SubdomainPrefix: prefix(subdomainProblems),
  dns1035LabelPrefix: prefix(label1035Problems),
  labelValue: labelValueProblems,
  uri: (text) => (isRequestUri(text) ? [] : [`parse ${JSON.stringify(text)}: invalid URI for request`]),
  uuid: when((text) => uuid.test(text), 'does not match the UUID format'),
  byte: when((text) => text !== '' && base64.test(text), 'invalid base64'),
  date: when((text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isTime(`${text}T00:00:00Z`), 'invalid date'),
  datetime: when(isTime, 'invalid datetime'),
};

/** `format.dns1123Label().validate(text)`: the problems of a text, if it has any. */
export function registerFormats(environment: Environment, { Optional }: Library): void {
  environment.registerType('Formats', Formats);
  environment.registerConstant('format', 'Formats', new Formats());
  environment.registerType('NamedFormat', CelFormat);
  for (const [name, problems] of Object.entries(formats)) {
    environment.registerFunction(`Formats.${name}(): NamedFormat`, () => new CelFormat(name, problems));
  }
  environment.registerFunction('Formats.named(string): optional<NamedFormat>', (_: unknown, name: string) =>
    Object.hasOwn(formats, name) ? Optional.of(new CelFormat(name, formats[name]!)) : Optional.none(),
  );
  environment.registerOperator('NamedFormat == NamedFormat', (a: CelFormat, b: CelFormat) => a.name === b.name);
  environment.registerFunction('NamedFormat.validate(string): optional<list>', (format: CelFormat, text: unknown) => {
    if (typeof text !== 'string') throw new CelError('no such overload');
    const problems = format.problems(text);
    return problems.length === 0 ? Optional.none() : Optional.of([...problems]);
  });
}
