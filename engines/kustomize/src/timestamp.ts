const shape =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d?):(\d\d?)(?:\.(\d*))?[ \t]*(Z|[+-]\d\d?(?::?\d\d)?)?)?$/;

/** A YAML timestamp in the form in which Go writes times to JSON; undefined when the text is none. */
export function isoTimestamp(text: string): string | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  const [, year = '', month = '', day = '', hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  if (!isDate(Number(year), Number(month), Number(day)) || Number(hour) > 23 || Number(minute) > 59) return undefined;
  if (Number(second) > 59) return undefined;
  const two = (part: string): string => part.padStart(2, '0');
  const digits = fraction.replace(/0+$/, '');
  const clock = `${two(hour)}:${two(minute)}:${two(second)}${digits === '' ? '' : `.${digits}`}`;
  return `${year}-${two(month)}-${two(day)}T${clock}${formatZone(zone)}`;
}

function isDate(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function formatZone(zone: string): string {
  const match = /^([+-])(\d\d?):?(\d\d)?$/.exec(zone);
  if (match === null) return 'Z';
  const [, sign = '+', hours = '0', minutes = '00'] = match;
  return Number(hours) === 0 && Number(minutes) === 0 ? 'Z' : `${sign}${hours.padStart(2, '0')}:${minutes}`;
}
