export const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
export const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The pieces of a Go layout, longest first where one starts like another. */
const elements =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|002|01|02|03|04|05|06|15|_2006|__2|_2|1|2|3|4|5|PM|pm|-07:00:00|-070000|-07:00|-0700|-07|Z07:00:00|Z070000|Z07:00|Z0700|Z07|[.,]0+(?!\d)|[.,]9+(?!\d)/g;

/** A moment as it is written in some zone. */
export interface Clock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly yearDay: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  readonly offset: number;
  readonly abbreviation: string;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Go's Time.Format. */
export function formatLayout(layout: string, clock: Clock): string {
  return layout.replace(elements, (element) => formatElement(element, clock));
}

const writers: Readonly<Record<string, (clock: Clock) => string>> = {
  January: ({ month }) => monthNames[month - 1] ?? '',
  Jan: ({ month }) => monthNames[month - 1]?.slice(0, 3) ?? '',
  Monday: ({ weekday }) => dayNames[weekday] ?? '',
  Mon: ({ weekday }) => dayNames[weekday]?.slice(0, 3) ?? '',
  MST: (clock) => clock.abbreviation,
  '2006': (clock) => String(clock.year).padStart(4, '0'),
  _2006: (clock) => `_${String(clock.year).padStart(4, '0')}`,
  '06': (clock) => two(clock.year % 100),
  '01': (clock) => two(clock.month),
  '1': (clock) => String(clock.month),
  '02': (clock) => two(clock.day),
  _2: (clock) => String(clock.day).padStart(2, ' '),
  '2': (clock) => String(clock.day),
  '002': (clock) => String(clock.yearDay).padStart(3, '0'),
  __2: (clock) => String(clock.yearDay).padStart(3, ' '),
  '15': (clock) => two(clock.hour),
  '03': (clock) => two(clock.hour % 12 || 12),
  '3': (clock) => String(clock.hour % 12 || 12),
  '04': (clock) => two(clock.minute),
  '4': (clock) => String(clock.minute),
  '05': (clock) => two(clock.second),
  '5': (clock) => String(clock.second),
  PM: (clock) => (clock.hour < 12 ? 'AM' : 'PM'),
  pm: (clock) => (clock.hour < 12 ? 'am' : 'pm'),
};

function formatElement(element: string, clock: Clock): string {
  return writers[element]?.(clock) ?? formatZoneOrFraction(element, clock);
}

function formatZoneOrFraction(element: string, { offset, nanosecond }: Clock): string {
  if (element.startsWith('.') || element.startsWith(',')) {
    const digits = String(nanosecond)
      .padStart(9, '0')
      .slice(0, element.length - 1);
    if (element[1] === '0') return element[0] + digits;
    const trimmed = digits.replace(/0+$/, '');
    return trimmed === '' ? '' : element[0] + trimmed;
  }
  return formatOffset(offset, element);
}

/** An offset of a zone in seconds as an element such as `-07:00` of a layout shows it. */
export function formatOffset(offset: number, element: string): string {
  if (element.startsWith('Z') && offset === 0) return 'Z';
  const size = Math.abs(offset);
  const separator = element.includes(':') ? ':' : '';
  const parts = [Math.floor(size / 3600), Math.floor((size % 3600) / 60), size % 60].map(two);
  const count = element.replace(/[^0-9]/g, '').length / 2;
  return (offset < 0 ? '-' : '+') + parts.slice(0, count).join(separator);
}

const readers: Readonly<Record<string, RegExp>> = {
  '2006': /\d{4}/y,
  '06': /\d{2}/y,
  '01': /\d{2}/y,
  '1': /\d{1,2}/y,
  '02': /\d{2}/y,
  _2: / ?\d{1,2}/y,
  '2': /\d{1,2}/y,
  '002': /\d{3}/y,
  '15': /\d{2}/y,
  '03': /\d{2}/y,
  '3': /\d{1,2}/y,
  '04': /\d{2}/y,
  '4': /\d{1,2}/y,
  '05': /\d{2}/y,
  '5': /\d{1,2}/y,
  PM: /AM|PM/y,
  pm: /am|pm/y,
  MST: /[A-Z]{3,4}|UTC/y,
  January: new RegExp(monthNames.join('|'), 'iy'),
  Jan: new RegExp(monthNames.map((name) => name.slice(0, 3)).join('|'), 'iy'),
  Monday: new RegExp(dayNames.join('|'), 'iy'),
  Mon: new RegExp(dayNames.map((name) => name.slice(0, 3)).join('|'), 'iy'),
};

/** What a layout found in a text; the elements by their layout names. */
export type Found = ReadonlyMap<string, string>;

/** Go's time.Parse without the calendar; the message is Go's. */
export function scanLayout(
  layout: string,
  text: string,
  fail: (layoutPart: string, rest: string, note?: string) => never,
): Found {
  const found = new Map<string, string>();
  let [position, layoutPosition] = [0, 0];
  for (const match of [...layout.matchAll(elements)]) {
    const literal = layout.slice(layoutPosition, match.index);
    if (!text.startsWith(literal, position)) fail(literal, text.slice(position));
    position += literal.length;
    layoutPosition = match.index + match[0].length;
    const value = readElement(match[0], text, position);
    if (value === undefined) return fail(match[0], text.slice(position));
    position += value.length;
    found.set(match[0], value);
    // Go takes a fraction behind seconds even when the layout has none.
    if (match[0] === '05' || match[0] === '5') {
      const fraction = /^[.,]\d+/.exec(text.slice(position))?.[0];
      if (fraction !== undefined && !/^[.,][09]/.test(layout.slice(layoutPosition))) {
        found.set('.fraction', fraction);
        position += fraction.length;
      }
    }
  }
  const rest = layout.slice(layoutPosition);
  if (!text.startsWith(rest, position)) fail(rest, text.slice(position));
  position += rest.length;
  if (position < text.length) fail('', text.slice(position), `extra text: `);
  return found;
}

function readElement(element: string, text: string, position: number): string | undefined {
  const pattern = readers[element] ?? zonePattern(element);
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}

function zonePattern(element: string): RegExp {
  if (element.startsWith('.') || element.startsWith(','))
    return element[1] === '0' ? new RegExp(`[.,]\\d{${element.length - 1}}`, 'y') : /(?:[.,]\d+)?/y;
  const count = element.replace(/[^0-9]/g, '').length / 2;
  const digits = Array.from({ length: count }, () => '\\d{2}').join(element.includes(':') ? ':' : '');
  return new RegExp(`${element.startsWith('Z') ? 'Z|' : ''}[+-]${digits}`, 'y');
}
