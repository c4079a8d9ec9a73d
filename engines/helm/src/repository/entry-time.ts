/** Go's zero time.Time. */
export const zeroTime = '0001-01-01T00:00:00Z';

const layout = '2006-01-02T15:04:05Z07:00';
const form = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)([.,]\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Go's time.Time, as it writes it again: at most nine decimals, without zeros at their end, `Z` for UTC. Or what Go says. */
export function readTime(value: string): { text: string; problem?: never } | { text?: never; problem: string } {
  const quoted = JSON.stringify(value);
  const match = form.exec(value);
  if (!match) {
    const rest = JSON.stringify(/^\d{4}-\d\d-\d\d/.test(value) ? value.slice(10) : value);
    return {
      problem: `parsing time ${quoted} as "${layout}": cannot parse ${rest} as ${rest === quoted ? '"2006"' : '"T"'}`,
    };
  }
  const [, , month, day, hour, minute, second, fraction = '', zone = ''] = match;
  const outOfRange = findOutOfRange(value, [month, day, hour, minute, second].map(Number));
  if (outOfRange !== undefined) return { problem: `parsing time ${quoted}: ${outOfRange} out of range` };
  const decimals = fraction
    .replace(',', '.')
    .slice(0, 10)
    .replace(/\.?0+$/, '');
  return { text: value.slice(0, 19) + decimals + (zone === '+00:00' || zone === '-00:00' ? 'Z' : zone) };
}

function findOutOfRange(
  value: string,
  [month = 0, day = 0, hour = 0, minute = 0, second = 0]: number[],
): string | undefined {
  if (month < 1 || month > 12) return 'month';
  if (hour > 23) return 'hour';
  if (minute > 59) return 'minute';
  if (second > 59) return 'second';
  const lastDay = new Date(Date.UTC(Number(value.slice(0, 4)), month, 0)).getUTCDate();
  return day < 1 || day > lastDay ? 'day' : undefined;
}
