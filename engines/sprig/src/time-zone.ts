import { formatOffset } from './time-layout.ts';

/** How far a zone is from UTC at an instant, and its abbreviation then. */
export interface ZoneOffset {
  readonly seconds: number;
  readonly abbreviation: string;
}

const utc: ZoneOffset = { seconds: 0, abbreviation: 'UTC' };

/** Abbreviations of zones that the runtime only knows as `GMT+9`; tz data has names for them. */
const abbreviations: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  'Asia/Tokyo': { 32400: 'JST' },
  'Asia/Kolkata': { 19800: 'IST' },
  'Asia/Shanghai': { 28800: 'CST' },
  'Europe/London': { 0: 'GMT', 3600: 'BST' },
  'Europe/Berlin': { 3600: 'CET', 7200: 'CEST' },
  'Europe/Paris': { 3600: 'CET', 7200: 'CEST' },
  'America/New_York': { [-18000]: 'EST', [-14400]: 'EDT' },
  'America/Chicago': { [-21600]: 'CST', [-18000]: 'CDT' },
  'America/Los_Angeles': { [-28800]: 'PST', [-25200]: 'PDT' },
};

/** The offset of a named zone; an unknown name is UTC, as sprig has it. `Local` is UTC so that charts render the same everywhere. */
export function zoneOffset(zone: string, unixSeconds: number): ZoneOffset {
  if (zone === 'UTC' || zone === '' || zone === 'Local') return utc;
  const fixed = /^([+-])(\d\d):(\d\d)$/.exec(zone);
  if (fixed !== null) {
    const size = Number(fixed[2]) * 3600 + Number(fixed[3]) * 60;
    return { seconds: fixed[1] === '-' ? -size : size, abbreviation: zone.replace(':', '') };
  }
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    const name = format.formatToParts(unixSeconds * 1000).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const match = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(name);
    const size = match === null ? 0 : Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0);
    const seconds = match?.[1] === '-' ? -size : size;
    return { seconds, abbreviation: abbreviations[zone]?.[seconds] ?? numericName(seconds) };
  } catch {
    return utc;
  }
}

function numericName(seconds: number): string {
  return formatOffset(seconds, seconds % 3600 === 0 ? '-07' : '-0700');
}
