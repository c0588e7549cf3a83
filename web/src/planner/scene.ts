import type { Day } from './calendar.ts';
import type { Post } from './grouping.ts';
import type { Times } from './times.ts';
import type { Say } from './words.ts';

/** What the views draw from, and what they tell. */
export interface Scene {
  t: Say;
  times: Times;
  today: Day;
  /** 1 for Monday to 7 for Sunday. */
  firstWeekday: number;
  /** The posts of the period, in order. */
  posts: readonly Post[];
  /** What a post's place is called. */
  placeOf(post: Post): string;
  /** The post that is being moved, and whether by the keyboard. */
  moving: { id: string; byKeys: boolean; past: boolean } | null;
  /** Where it would be dropped: a day, or an hour as "2026-03-29T02". */
  target: string | null;
  /** Whether posts can be moved where they are shown. */
  isStill: boolean;
  /** Posts with a change that waits for its answer. */
  isWaiting(post: Post): boolean;
  open(post: Post): void;
  openDay(day: Day): void;
  pressed(event: KeyboardEvent, post: Post): void;
  grabbed(event: PointerEvent, post: Post): void;
}
