const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The hour of a post that has a day and no time yet. */
const MORNING = '09:00';

/** What a clock on the wall shows: "2026-03-29T02:30", without a zone. */
export type WallTime = string;

/** What a wall time means in a zone: once as a rule, never when clocks skip it, twice when they are set back. */
export interface Meaning {
  kind: 'once' | 'skipped' | 'twice';
  /** The instants it may mean, earlier first. For a skipped time: the instant as far after the gap. */
  instants: [Date, ...Date[]];
}

/** The zone of this machine. */
export function localZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Whether it is a zone that this browser knows. */
export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** The zone that is named, or this machine's where none is, or one that this browser does not know. */
export function zoneOf(named: string): string {
  return isZone(named) ? named : localZone();
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wallFormat(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    formats.set(zone, format);
  }
  return format;
}

/** What the clocks of a zone show at an instant, to the minute. */
export function wallTime(instant: Date, zone: string): WallTime {
  const part = Object.fromEntries(
    wallFormat(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`;
}

/** Which instants a wall time means in a zone; null where it is no time at all. */
export function meaningOf(wall: WallTime, zone: string): Meaning | null {
  const asUtc = Date.parse(`${wall}Z`);
  if (Number.isNaN(asUtc)) return null;
  // Offsets change at most once around a day, so those of the day before and the day after are all there are.
  const offsets = new Set([-DAY, DAY].map((step) => offsetAt(new Date(asUtc + step), zone)));
  const instants = [...offsets]
    .map((offset) => new Date(asUtc - offset))
    .filter((instant) => wallTime(instant, zone) === wall)
    .sort((one, other) => one.getTime() - other.getTime());
  const [first, ...others] = instants;
  if (first) return { kind: others.length ? 'twice' : 'once', instants: [first, ...others] };
  return { kind: 'skipped', instants: [new Date(asUtc - Math.min(...offsets))] };
}

function offsetAt(instant: Date, zone: string): number {
  const toTheMinute = Math.floor(instant.getTime() / MINUTE) * MINUTE;
  return Date.parse(`${wallTime(instant, zone)}Z`) - toTheMinute;
}

/** The same wall time some days later (or earlier), as a person moves a post to another day. */
export function plusDays(wall: WallTime, days: number): WallTime {
  return new Date(Date.parse(`${wall}Z`) + days * DAY).toISOString().slice(0, 16);
}

/** What the clock shows some hours later, as on a clock that is never put forward or back. */
export function plusHours(wall: WallTime, hours: number): WallTime {
  return new Date(Date.parse(`${wall}Z`) + hours * HOUR).toISOString().slice(0, 16);
}

/** A time for a post that has a day alone: its morning, or the next full hour where that has passed. */
export function firstTimeOn(day: string, zone: string, now: Date): WallTime {
  const morning = `${day}T${MORNING}`;
  const present = wallTime(now, zone);
  if (morning > present || !present.startsWith(day)) return morning;
  return `${plusHours(present, 1).slice(0, 14)}00`;
}

/** The name of a zone with its offset at an instant: "Europe/Berlin (GMT+2)". */
export function zoneLabel(zone: string, instant: Date, locale: string): string {
  const parts = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    timeZoneName: 'shortOffset',
  }).formatToParts(instant);
  const offset = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  return `${zone.replaceAll('_', ' ')} (${offset})`;
}
