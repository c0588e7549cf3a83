import { meaningOf, wallTime } from '../core/time.ts';

/** A day of the calendar without a zone: "2026-03-29". */
export type Day = string;
/** How much the planner shows at once; the list shows a month. */
export type View = 'month' | 'week' | 'list';

export const VIEWS: readonly View[] = ['month', 'week', 'list'];
const DAY_MS = 24 * 60 * 60_000;

/** Whether it is a day that the calendar has. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && plusDaysOf(text, 0) === text;
}

function plusDaysOf(day: Day, days: number): Day {
  const instant = Date.parse(`${day}T00:00Z`) + days * DAY_MS;
  return Number.isNaN(instant) ? '' : new Date(instant).toISOString().slice(0, 10);
}

/** The day so many days later, or earlier. */
export const addDays = plusDaysOf;

/** The day that the clocks of a zone show at an instant. */
export function dayAt(instant: Date, zone: string): Day {
  return wallTime(instant, zone).slice(0, 10);
}

/** 1 for Monday to 7 for Sunday. */
export function weekdayOf(day: Day): number {
  return new Date(`${day}T00:00Z`).getUTCDay() || 7;
}

// For browsers that cannot tell (Intl.Locale without weekInfo): the regions that do not begin on Monday.
const SUNDAY = 'AU BR CA CN CO HK ID IL IN JP KE KR MX PE PH PK SA SG TH TW US VE ZA'.split(' ');
const SATURDAY = 'AE AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY'.split(' ');

interface WithWeek extends Intl.Locale {
  getWeekInfo?: () => { firstDay: number };
  weekInfo?: { firstDay: number };
}

/** The weekday that weeks begin on where the locale is spoken: 1 for Monday to 7 for Sunday. */
export function firstWeekday(locale: string): number {
  const known: WithWeek = new Intl.Locale(locale);
  const week = known.getWeekInfo?.() ?? known.weekInfo;
  if (week) return week.firstDay;
  const region = known.maximize().region ?? '';
  if (SUNDAY.includes(region)) return 7;
  return SATURDAY.includes(region) ? 6 : 1;
}

/** The first day of the week that a day is in. */
export function weekStart(day: Day, first: number): Day {
  return addDays(day, -((weekdayOf(day) - first + 7) % 7));
}

/** The seven days of the week that a day is in. */
export function weekOf(day: Day, first: number): Day[] {
  const start = weekStart(day, first);
  return Array.from({ length: 7 }, (_, index) => addDays(start, index));
}

/** The first day of a month, some months later or earlier. */
export function monthStart(day: Day, months = 0): Day {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
}

/** The whole weeks that show a month, with the days of its neighbours at both ends. */
export function monthWeeks(day: Day, first: number): Day[][] {
  const after = monthStart(day, 1);
  const weeks: Day[][] = [];
  for (let start = weekStart(monthStart(day), first); start < after; start = addDays(start, 7)) {
    weeks.push(weekOf(start, first));
  }
  return weeks;
}

/** Every day that a view shows, in order. */
export function daysShown(view: View, day: Day, first: number): Day[] {
  switch (view) {
    case 'month':
      return monthWeeks(day, first).flat();
    case 'week':
      return weekOf(day, first);
    case 'list': {
      const days: Day[] = [];
      for (let one = monthStart(day); one < monthStart(day, 1); one = addDays(one, 1)) days.push(one);
      return days;
    }
  }
}

/** The same place in the period before (-1) or after (1); a day that the other month lacks becomes its last. */
export function stepped(view: View, day: Day, steps: 1 | -1): Day {
  if (view === 'week') return addDays(day, 7 * steps);
  const start = monthStart(day, steps);
  const last = addDays(monthStart(day, steps + 1), -1);
  const same = start.slice(0, 8) + day.slice(8);
  if (same > last) return last;
  return same;
}

/** The instant at which a day begins in a zone, also where its midnight is skipped. */
export function beginningOf(day: Day, zone: string): Date {
  const meaning = meaningOf(`${day}T00:00`, zone);
  if (!meaning) throw new RangeError(`${day} is not a day`);
  return meaning.instants[0];
}

/** The instants that a view shows: `from`, and `to`, which is not shown any more. */
export function periodOf(view: View, day: Day, first: number, zone: string): { from: Date; to: Date } {
  const days = daysShown(view, day, first);
  return { from: beginningOf(days[0]!, zone), to: beginningOf(addDays(days.at(-1)!, 1), zone) };
}
