import { meaningOf, plusDays, type WallTime, wallTime } from '../core/time.ts';
import type { Day } from './calendar.ts';

const HOUR_MS = 60 * 60_000;
/** The hour that a post without a time gets when it is dropped on a day. */
const MORNING = 9;

/** Where a post comes to stand when it is moved to a wall time. */
export interface Landing {
  at: Date;
  /** The clocks skip the wanted time: `at` is as far after the gap. */
  skipped: boolean;
  /** The clocks show the wanted time twice, and `at` is the first of them: this is the second. */
  later: Date | null;
  past: boolean;
}

/** What a wall time comes to in a zone; null where it is no time at all. */
export function landingOf(wall: WallTime, zone: string, now: Date): Landing | null {
  const meaning = meaningOf(wall, zone);
  if (!meaning) return null;
  const [first, second] = meaning.instants;
  // In the doubled hour itself only its second half may be left.
  const at = second && first <= now ? second : first;
  return {
    at,
    skipped: meaning.kind === 'skipped',
    later: second && at === first ? second : null,
    past: at <= now,
  };
}

/** The same time of the clock on another day. */
export function onDay(wall: WallTime, day: Day): WallTime {
  return `${day}T${wall.slice(11)}`;
}

/** The same minute of another hour. */
export function inHour(wall: WallTime, day: Day, hour: number): WallTime {
  return `${day}T${String(hour).padStart(2, '0')}:${wall.slice(14)}`;
}

/** What the clock shows some hours later, as on a clock that is never put forward or back. */
export function plusHours(wall: WallTime, hours: number): WallTime {
  return new Date(Date.parse(`${wall}Z`) + hours * HOUR_MS).toISOString().slice(0, 16);
}

/** A time for a post that has none: the morning of the day, or the next full hour where that has passed. */
export function firstTimeOn(day: Day, zone: string, now: Date): WallTime {
  const morning = `${day}T${String(MORNING).padStart(2, '0')}:00`;
  const present = wallTime(now, zone);
  if (morning > present || !present.startsWith(day)) return morning;
  return `${plusHours(present, 1).slice(0, 14)}00`;
}

/** Where an arrow key takes a post that is being moved; null for any other key. */
export function afterKey(key: string, wall: WallTime, byHour: boolean): WallTime | null {
  switch (key) {
    case 'ArrowLeft':
      return plusDays(wall, -1);
    case 'ArrowRight':
      return plusDays(wall, 1);
    case 'ArrowUp':
      return byHour ? plusHours(wall, -1) : plusDays(wall, -7);
    case 'ArrowDown':
      return byHour ? plusHours(wall, 1) : plusDays(wall, 7);
    default:
      return null;
  }
}
