/** time.Time.String of a time in a zone: `2021-07-16 15:42:20 +0000 UTC`. */
export function formatLocalTime(text: string, timeZone: string): string {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return text;
  const parts = Object.fromEntries(
    formatterFor(timeZone, 'longOffset')
      .formatToParts(date)
      .map(({ type, value }) => [type, value]),
  );
  const zone =
    formatterFor(timeZone, 'short')
      .formatToParts(date)
      .find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const offset = (parts['timeZoneName'] ?? 'GMT').replace('GMT', '').replace(':', '') || '+0000';
  const { year, month, day, hour, minute, second } = parts;
  return `${year}-${month}-${day} ${hour}:${minute}:${second} ${offset} ${/^GMT[+-]/.test(zone) ? offset.replace(/00$/, '') : zone}`;
}

function formatterFor(timeZone: string, timeZoneName: 'longOffset' | 'short'): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    timeZoneName,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
}
