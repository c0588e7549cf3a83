import { meaningOf, plusDays, wallTime } from '../core/time.ts';

/** The lengths that are offered by one press, in days. */
export const LENGTHS = [7, 28, 90] as const;
/** The longest range the API reports. */
export const LONGEST_DAYS = 731;
const DEFAULT: Period = { kind: 'last', days: 28 };
const DAY = 86_400_000;

/** What a person chose: the last days up to now, or days of the calendar, both ends included. */
export type Period = { kind: 'last'; days: number } | { kind: 'range'; first: string; last: string };

/** The query of a report. Without `to` it ends now, by the server's clock. */
export interface Bounds {
  from: string;
  to?: string;
}

/** Reads `28d` or `2026-11-01..2026-11-15`; anything that cannot be reported is the last 28 days. */
export function parsePeriod(text: string, today: string): Period {
  const days = LENGTHS.find((length) => `${length}d` === text);
  if (days) return { kind: 'last', days };
  const [first = '', last = '', ...rest] = text.split('..');
  return rest.length || rangeProblem(first, last, today) ? DEFAULT : { kind: 'range', first, last };
}

/** The period as it stands in an address. */
export function writePeriod(period: Period): string {
  return period.kind === 'last' ? `${period.days}d` : `${period.first}..${period.last}`;
}

/** Why days cannot be reported; null where they can. */
export function rangeProblem(
  first: string,
  last: string,
  today: string,
): 'rangeMissing' | 'rangeBackwards' | 'rangeFuture' | 'rangeLong' | null {
  if (!isDay(first) || !isDay(last)) return 'rangeMissing';
  if (first > last) return 'rangeBackwards';
  if (first > today) return 'rangeFuture';
  return lengthOf(first, last) > LONGEST_DAYS ? 'rangeLong' : null;
}

/** How many days of the calendar a range has. */
export function lengthOf(first: string, last: string): number {
  return Math.round((Date.parse(last) - Date.parse(first)) / DAY) + 1;
}

/** The day that calendars show in a zone. */
export function dayIn(instant: Date, zone: string): string {
  return wallTime(instant, zone).slice(0, 10);
}

/**
 * From the first moment of the first day in the zone up to the end of the last. A day that is not over ends now, so that
 * the period before is as long and the comparison is fair.
 */
export function boundsOf(period: Period, zone: string, now: Date): Bounds {
  const today = dayIn(now, zone);
  if (period.kind === 'last') return { from: beginOf(addDays(today, 1 - period.days), zone) };
  const from = beginOf(period.first, zone);
  return period.last >= today ? { from } : { from, to: beginOf(addDays(period.last, 1), zone) };
}

function isDay(text: string): boolean {
  return /^2\d{3}-\d{2}-\d{2}$/.test(text) && addDays(text, 0) === text;
}

function addDays(day: string, days: number): string {
  const noon = `${day}T12:00`;
  return Number.isNaN(Date.parse(`${noon}Z`)) ? '' : plusDays(noon, days).slice(0, 10);
}

function beginOf(day: string, zone: string): string {
  return meaningOf(`${day}T00:00`, zone)!.instants[0].toISOString();
}
