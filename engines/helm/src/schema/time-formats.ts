import { quote } from '@flux/gotemplate';
import { parseTime } from '@flux/sprig';
import { type CheckFormat, problemOf } from './check-format.ts';

/** `2006-01-02` */
export const checkDate: CheckFormat = (text) => problemOf(() => parseTime('2006-01-02', text));

/** `P1Y2M3DT4H5M6S` or `P7W`. */
export const checkDuration: CheckFormat = (text) => {
  if (!text.startsWith('P')) return 'must start with P';
  const rest = text.slice(1);
  if (rest === '') return 'nothing after P';
  if (rest.endsWith('W')) {
    const weeks = rest.slice(0, -1);
    if (weeks === '') return 'no number in week';
    return /^\d+$/.test(weeks) ? undefined : 'invalid week';
  }
  const units = ['YMD', 'HMS'];
  for (const [index, part] of rest.split('T').entries()) {
    if (index > 0 && part === '') return 'no time elements';
    const allowed = units[index];
    if (allowed === undefined) return 'more than one T';
    const problem = checkElements(part, allowed);
    if (problem) return problem;
  }
  return undefined;
};

function checkElements(text: string, all: string): string | undefined {
  let units = all;
  for (let rest = text; rest !== ''; ) {
    const digits = /^\d*/.exec(rest)?.[0] ?? '';
    if (digits === '') return 'missing number';
    const unit = rest[digits.length];
    if (unit === undefined) return 'missing unit';
    const position = units.indexOf(unit);
    if (position < 0) {
      const shown = quote(unit, { mark: "'" });
      return all.includes(unit) ? `unit ${shown} out of order` : `invalid unit ${shown}`;
    }
    units = units.slice(position + 1);
    rest = rest.slice(digits.length + 1);
  }
  return undefined;
}

/** RFC 3339 times with their offset; a leap second only where there can be one. */
export const checkTime: CheckFormat = (text) => {
  if (Buffer.byteLength(text) < 9) return 'less than 9 characters long';
  if (text[2] !== ':' || text[5] !== ':') return 'missing colon in correct place';
  const parts = text.slice(0, 8).split(':');
  if (!parts.every((part) => /^[+-]?\d+$/.test(part))) return 'invalid hour/min/sec';
  const [hour = 0, minute = 0, second = 0] = parts.map(Number);
  if (hour < 0 || minute < 0 || second < 0) return 'non-positive hour/min/sec';
  if (hour > 23 || minute > 59 || second > 60) return 'hour/min/sec out of range';
  const rest = text.slice(8);
  if (/^\.(?!\d)/.test(rest)) return 'no digits in second fraction';
  return checkOffset(rest.replace(/^\.\d+/, ''), { minutes: hour * 60 + minute, isLeap: second >= 60 });
};

function checkOffset(text: string, { minutes, isLeap }: { minutes: number; isLeap: boolean }): string | undefined {
  let utc = minutes;
  if (text !== 'z' && text !== 'Z') {
    if (Buffer.byteLength(text) !== 6) return 'offset must be 6 characters long';
    if (!/^[+-]/.test(text)) return 'offset must begin with plus/minus';
    if (text[3] !== ':') return 'missing colon in offset in correct place';
    const parts = [text.slice(1, 3), text.slice(4)];
    if (!parts.every((part) => /^[+-]?\d+$/.test(part))) return 'invalid hour/min in offset';
    const [hours = 0, offset = 0] = parts.map(Number);
    if (hours < 0 || offset < 0) return 'non-positive hour/min in offset';
    if (hours > 23 || offset > 59) return 'hour/min in offset out of range';
    utc = minutes + (text.startsWith('+') ? -1 : 1) * (hours * 60 + offset);
    if (utc < 0) utc += 24 * 60;
  }
  return isLeap && utc !== 23 * 60 + 59 ? 'invalid leap second' : undefined;
}

export const checkDateTime: CheckFormat = (text) => {
  if (Buffer.byteLength(text) < 20) return 'less than 20 characters long';
  if (text[10] !== 't' && text[10] !== 'T') return '11th character must be t or T';
  const date = checkDate(text.slice(0, 10));
  if (date) return `invalid date element: ${date}`;
  const time = checkTime(text.slice(11));
  return time && `invalid time element: ${time}`;
};

/** Two ends with a slash between them, one of which may be a duration. */
export const checkPeriod: CheckFormat = (text) => {
  const slash = text.indexOf('/');
  if (slash < 0) return 'missing slash';
  const [start, end] = [text.slice(0, slash), text.slice(slash + 1)];
  const isDuration = (part: string) => part.startsWith('P');
  const check = (part: string) => (isDuration(part) ? checkDuration(part) : checkDateTime(part));
  const kind = (part: string) => (isDuration(part) ? 'duration' : 'date-time');
  const first = check(start);
  if (first) return `invalid start ${kind(start)}: ${first}`;
  const second = isDuration(start) ? checkDateTime(end) : check(end);
  return second && `invalid end ${isDuration(start) ? 'date-time' : kind(end)}: ${second}`;
};
