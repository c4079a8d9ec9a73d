import { type FieldError, invalidField } from '../status.ts';

interface Bounds {
  least: number;
  most: number;
  names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** The five fields of a schedule, with what each may say. */
const fields: readonly Bounds[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: months },
  { least: 0, most: 6, names: days },
];

const descriptors = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** What is wrong with the schedule of a CronJob, in the words of the parser that Kubernetes uses. */
export function scheduleProblems(schedule: string, path: string): FieldError[] {
  if (schedule.includes('TZ')) {
    return [invalidField(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')];
  }
  const problem = parseProblem(schedule);
  return problem === undefined ? [] : [invalidField(path, schedule, problem)];
}

function parseProblem(schedule: string): string | undefined {
  if (schedule.startsWith('@')) return descriptorProblem(schedule);
  const given = schedule.split(/\s+/).filter((part) => part !== '');
  if (given.length !== fields.length) return `expected exactly 5 fields, found ${given.length}: [${given.join(' ')}]`;
  for (const [index, bounds] of fields.entries()) {
    for (const part of given[index]!.split(',').filter((text) => text !== '')) {
      const problem = rangeProblem(part, bounds);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function descriptorProblem(text: string): string | undefined {
  const duration = /^@every (.*)$/s.exec(text)?.[1];
  if (duration !== undefined) {
    if (/^[+-]?(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+$|^0$/.test(duration)) return undefined;
    return `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}`;
  }
  return descriptors.includes(text) ? undefined : `unrecognized descriptor: ${text}`;
}

/** `*`, a number, a range, each perhaps with a step. */
function rangeProblem(text: string, bounds: Bounds): string | undefined {
  const steps = text.split('/');
  const ends = steps[0]!.split('-');
  const isAny = ends[0] === '*' || ends[0] === '?';
  if (!isAny && ends.length > 2) return `too many hyphens: ${text}`;
  if (steps.length > 2) return `too many slashes: ${text}`;
  const start = isAny ? bounds.least : numberOf(ends[0]!, bounds);
  if (typeof start === 'string') return start;
  const openEnd = isAny || steps.length === 2 ? bounds.most : start;
  const end = !isAny && ends.length === 2 ? numberOf(ends[1]!, bounds) : openEnd;
  if (typeof end === 'string') return end;
  const step = steps.length === 2 ? numberOf(steps[1]!, { least: 0, most: 0 }) : 1;
  if (typeof step === 'string') return step;
  if (start < bounds.least) return `beginning of range (${start}) below minimum (${bounds.least}): ${text}`;
  if (end > bounds.most) return `end of range (${end}) above maximum (${bounds.most}): ${text}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${text}`;
  return step === 0 ? `step of range should be a positive number: ${text}` : undefined;
}

/** The number that a text stands for, or what is wrong with it. */
function numberOf(text: string, { names, least }: Bounds): number | string {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named + least;
  if (/^\d+$/.test(text)) return Number(text);
  if (/^-\d+$/.test(text)) return `negative number (${text}) not allowed: ${text}`;
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
