const pattern =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[+-](\d\d):(\d\d))| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?)?$/;

/** Whether go-yaml takes the text for a timestamp; such strings are quoted when written. */
export function parseTimestamp(text: string): boolean {
  // Cheap way out: a timestamp is `YYYY-` and more.
  if (text.charCodeAt(4) !== 0x2d) return false;
  const match = pattern.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0] = match.slice(1, 4).map(Number);
  const [hour = 0, minute = 0, second = 0] = match
    .slice(match[9] === undefined ? 4 : 9)
    .map((part) => Number(part ?? 0));
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
  const isZone = Number(match[7] ?? 0) <= 24 && Number(match[8] ?? 0) < 60;
  return isDate && hour < 24 && minute < 60 && second < 60 && isZone;
}
