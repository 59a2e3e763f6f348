/** The times of `-S` and `-F` (ikecert(8)): relative to now, or in one of the formats below, as getdate(3C) reads them. */
import { err, ok, type Result } from '../../services/result.js';

/** X.509 writes no other years: UTCTime begins with 1950, GeneralizedTime ends with 9999 (RFC 5280 4.1.2.5). */
const EARLIEST = Date.UTC(1950, 0, 1);
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59);

/** What `-h` and messages show of the absolute forms. */
export const ABSOLUTE_FORMS = '01/22/2027 [12:00[:00]], 2027-01-22 [12:00[:00]], 22 Jan 2027 [12:00[:00]]';

/** Milliseconds since 1970, in whole seconds. `now` likewise. The error is a sentence part. */
export function parseTime(text: string, now: number): Result<number, string> {
  const written = text.trim();
  const time = /^[+-]/.test(written) ? relative(written, now) : absolute(written);
  if (!time.ok) return time;
  const seconds = Math.floor(time.value / 1000) * 1000;
  return seconds >= EARLIEST && seconds <= LATEST
    ? ok(seconds)
    : err('it is outside the years 1950 to 9999, which is all that a certificate can say');
}

/** The default end: the same day and hour, four calendar years later. */
export function fourYearsAfter(start: number): number {
  return onCalendar(start, 4, 0);
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `+3d12h`, `-3y2M`: the sign is that of all parts. Years and months first, on the calendar; the rest are seconds. */
function relative(text: string, now: number): Result<number, string> {
  const sign = text.startsWith('-') ? -1 : 1;
  const rest = text.slice(1);
  if (!/^(\d{1,9}[smhdwMy])+$/.test(rest))
    return err('after the sign come numbers, each with one of the units s, m, h, d, w, M (months), y');
  const counts = new Map<string, number>();
  for (const [, number = '', unit = ''] of rest.matchAll(/(\d+)([smhdwMy])/g)) {
    if (counts.has(unit)) return err(`the unit ${unit} comes twice`);
    counts.set(unit, sign * Number(number));
  }
  const calendar = onCalendar(now, counts.get('y') ?? 0, counts.get('M') ?? 0);
  let seconds = 0;
  for (const [unit, each] of Object.entries(SECONDS)) seconds += (counts.get(unit) ?? 0) * each;
  const time = calendar + seconds * 1000;
  return Number.isNaN(time) ? err('it is further away than dates go') : ok(time);
}

/** The same local day and hour in another month; a day that the month lacks rolls on: 31 January and a month is 3 March. */
function onCalendar(from: number, years: number, months: number): number {
  if (years === 0 && months === 0) return from;
  const date = new Date(from);
  return date.setFullYear(date.getFullYear() + years, date.getMonth() + months);
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** `12:00`, `12:00:00`, `12:00:00 PM`. */
const CLOCK = String.raw`(?<hour>\d{1,2}):(?<minute>\d\d)(?::(?<second>\d\d))?(?:\s*(?<half>[AP]M))?`;
const MAYBE_CLOCK = String.raw`(?:[\s,T]+${CLOCK}(?<utc>Z)?)?`;
const WEEKDAY = String.raw`(?:(?<weekday>[a-z]{3,9}),?\s+)?`;

/** As templates of getdate(3C): the month is `%m` or `%b`/`%B`, a clock may follow or be left out. */
const FORMS: readonly RegExp[] = [
  // %m/%d/%Y, %m/%d/%y
  String.raw`(?<month>\d{1,2})/(?<day>\d{1,2})/(?<year>\d{4}|\d\d)${MAYBE_CLOCK}`,
  // %Y-%m-%d; with a Z behind the clock it is UTC
  String.raw`(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})${MAYBE_CLOCK}`,
  // %d %b %Y, %a, %d %B %Y
  String.raw`${WEEKDAY}(?<day>\d{1,2})\s+(?<month>[a-z]{3,9})\s+(?<year>\d{4})${MAYBE_CLOCK}`,
  // %B %d, %Y
  String.raw`${WEEKDAY}(?<month>[a-z]{3,9})\s+(?<day>\d{1,2}),?\s+(?<year>\d{4})${MAYBE_CLOCK}`,
  // %a %b %e %H:%M:%S %Y, as date(1) and `openssl x509 -dates` print it, without a zone
  String.raw`${WEEKDAY}(?<month>[a-z]{3,9})\s+(?<day>\d{1,2})\s+${CLOCK}\s+(?<year>\d{4})`,
].map((form) => new RegExp(`^${form}$`, 'i'));

function absolute(text: string): Result<number, string> {
  for (const form of FORMS) {
    const groups = form.exec(text)?.groups;
    if (groups !== undefined) return dateOf(groups);
  }
  return err(`it has none of the forms ${ABSOLUTE_FORMS}, and no sign for a relative time such as +4y`);
}

function dateOf(groups: Readonly<Partial<Record<string, string>>>): Result<number, string> {
  const { month = '', half, weekday, utc } = groups;
  const year = fullYear(groups.year ?? '');
  const monthIndex = /^\d+$/.test(month) ? Number(month) - 1 : indexIn(MONTHS, month);
  const day = Number(groups.day);
  if (monthIndex < 0 || monthIndex > 11) return err(`there is no month ${month}`);
  const length = new Date(Date.UTC(year, monthIndex + 1, 0)).getUTCDate();
  if (day < 1 || day > length) return err(`that month has no day ${String(day)}`);
  const hour = hourOf(Number(groups.hour ?? 0), half?.toUpperCase());
  const [minute, second] = [Number(groups.minute ?? 0), Number(groups.second ?? 0)];
  if (hour === undefined || minute > 59 || second > 59) return err('there is no such time of day');
  const parts = [year, monthIndex, day, hour, minute, second] as const;
  const date = new Date(0);
  if (utc === undefined) {
    date.setFullYear(year, monthIndex, day);
    date.setHours(hour, minute, second, 0);
    if (weekday !== undefined && indexIn(DAYS, weekday) !== date.getDay())
      return err(`that day is no ${weekday}`);
  }
  return ok(utc === undefined ? date.getTime() : Date.UTC(...parts));
}

/** getdate(3C): 69 to 99 are years of the last century, 00 to 68 of this one. */
function fullYear(text: string): number {
  const year = Number(text);
  return text.length === 2 ? (year < 69 ? 2000 : 1900) + year : year;
}

/** By the whole name or its first three letters; -1 when it is none. */
function indexIn(names: readonly string[], word: string): number {
  return names.indexOf(word.toLowerCase().slice(0, 3));
}

function hourOf(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) return hour < 24 ? hour : undefined;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half === 'PM' ? 12 : 0);
}
