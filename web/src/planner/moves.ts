import { meaningOf, plusDays, plusHours, type WallTime } from '../core/time.ts';
import type { Day } from './calendar.ts';

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
