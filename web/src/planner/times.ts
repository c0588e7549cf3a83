import { now } from '../core/clock.ts';
import { meaningOf, wallTime } from '../core/time.ts';
import { addDays, type Day, type View, weekOf } from './calendar.ts';

/** Writes days and times as the locale does; days have no zone, instants are shown in the planner's. */
export class Times {
  readonly locale: string;
  readonly zone: string;

  constructor(locale: string, zone: string) {
    this.locale = locale;
    this.zone = zone;
  }

  private at(instant: Date, options: Intl.DateTimeFormatOptions): string {
    return formatOf(this.locale, { ...options, timeZone: this.zone }).format(instant);
  }

  private on(day: Day, options: Intl.DateTimeFormatOptions): string {
    return formatOf(this.locale, { ...options, timeZone: 'UTC' }).format(new Date(`${day}T00:00Z`));
  }

  /** "09:00", with the offset in the hour that the clocks show twice. */
  clock(instant: Date): string {
    return this.at(instant, { hour: 'numeric', minute: '2-digit', ...this.offsetAt(instant) });
  }

  /** "Tuesday, 24 November at 09:00": as it is spoken, with the year where it is not this one. */
  full(instant: Date): string {
    const isThisYear = wallTime(instant, this.zone).slice(0, 4) === wallTime(now(), this.zone).slice(0, 4);
    return this.at(instant, {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      ...(isThisYear ? {} : { year: 'numeric' }),
      hour: 'numeric',
      minute: '2-digit',
      ...this.offsetAt(instant),
    });
  }

  private offsetAt(instant: Date): Intl.DateTimeFormatOptions {
    const isDoubled = meaningOf(wallTime(instant, this.zone), this.zone)?.kind === 'twice';
    return isDoubled ? { timeZoneName: 'shortOffset' } : {};
  }

  /** The hour of a row: "9:00 AM" or "09:00". */
  hour(hour: number): string {
    return formatOf(this.locale, { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' }).format(
      new Date(hour * 60 * 60_000),
    );
  }

  /** "Tuesday, 24 November 2026" */
  longDay(day: Day): string {
    return this.on(day, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  }

  /** "24", and "1 Dec" where a month begins. */
  dayNumber(day: Day, isFirst: boolean): string {
    if (!day.endsWith('-01') && !isFirst) return String(Number(day.slice(8)));
    return this.on(day, { day: 'numeric', month: 'short' });
  }

  /** The name of a weekday, such as "Tue" or "Tuesday". */
  weekday(day: Day, length: 'short' | 'long'): string {
    return this.on(day, { weekday: length });
  }

  /** "Tue 24": the head of a column. */
  shortDay(day: Day): string {
    return `${this.weekday(day, 'short')} ${this.on(day, { day: 'numeric' })}`;
  }

  /** What a period is called: "November 2026", "23 – 29 Nov 2026". */
  period(view: View, day: Day, first: number): string {
    if (view !== 'week') return this.on(day, { month: 'long', year: 'numeric' });
    const [start = day] = weekOf(day, first);
    const format = formatOf(this.locale, {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      timeZone: 'UTC',
    });
    return format.formatRange(new Date(`${start}T00:00Z`), new Date(`${addDays(start, 6)}T00:00Z`));
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale, options);
    formats.set(key, format);
  }
  return format;
}
