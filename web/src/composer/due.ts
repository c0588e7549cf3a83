import { meaningOf, type WallTime } from '../core/time.ts';

/** What a date and time that somebody entered comes to. */
export type Due =
  | { kind: 'none' }
  | { kind: 'past' }
  | { kind: 'once'; instant: Date }
  /** Clocks jump over it: it goes out as far after the gap. */
  | { kind: 'skipped'; instant: Date }
  /** Clocks show it twice: one of the two was chosen. */
  | { kind: 'twice'; instant: Date; both: [Date, Date] };

/** Which instant is meant by what the clocks of a zone show; `second` chooses where they show it twice. */
export function dueOf(wall: WallTime, second: boolean, zone: string, now: Date): Due {
  const meaning = meaningOf(wall, zone);
  if (!meaning) return { kind: 'none' };
  const [first, other] = meaning.instants;
  // Inside the hour that clocks show twice the first of the two may be over: then the other is the one there is.
  if (other && first <= now && other > now) return { kind: 'once', instant: other };
  const instant = second && other ? other : first;
  if (instant <= now) return { kind: 'past' };
  if (meaning.kind === 'twice' && other) return { kind: 'twice', instant, both: [first, other] };
  return { kind: meaning.kind === 'skipped' ? 'skipped' : 'once', instant };
}

/** The instant of a due time that can be planned for. */
export function instantOf(due: Due): Date | null {
  return 'instant' in due ? due.instant : null;
}

/** The parts of a wall time as the two inputs hold them. */
export function partsOf(wall: WallTime): { date: string; time: string } {
  const [date = '', time = ''] = wall.split('T');
  return { date, time };
}

/** The wall time of a date and a time, either of which may still be missing. */
export function wallOf(date: string, time: string): WallTime {
  return date || time ? `${date}T${time.slice(0, 5)}` : '';
}
