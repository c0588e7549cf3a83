import type { components } from '../api/generated/publisher.d.ts';
import { wallTime } from '../core/time.ts';
import { type Day, dayAt } from './calendar.ts';

export type Post = components['schemas']['PostOut'];

/** What the person narrowed the view to; an empty word leaves a thing open. */
export interface Filter {
  platform: string;
  place: string;
  state: string;
}

export const EVERYTHING: Filter = { platform: '', place: '', state: '' };

/** Whether a post is one of those asked for. */
export function fits(post: Post, filter: Filter): boolean {
  return (
    (!filter.platform || post.platform === filter.platform) &&
    (!filter.place || post.connection_id === filter.place) &&
    (!filter.state || post.status === filter.state)
  );
}

/** The instant that a calendar shows a post at; null for a draft that has no time yet. */
export function shownAt(post: Post): Date | null {
  const told = post.scheduled_at ?? post.posted_at;
  if (told) return new Date(told);
  return post.status === 'draft' || !post.created_at ? null : new Date(post.created_at);
}

/** Earlier posts first; of the same time in an order that stays. */
export function inOrder(posts: Iterable<Post>): Post[] {
  const time = (post: Post) => shownAt(post)?.getTime() ?? Number.POSITIVE_INFINITY;
  return [...posts].sort((one, other) => time(one) - time(other) || (one.id < other.id ? -1 : 1));
}

/** The posts of each day that has some, in the order they come in. */
export function byDay(posts: readonly Post[], zone: string): Map<Day, Post[]> {
  return grouped(posts, (at) => dayAt(at, zone));
}

/** The posts of each hour that has some, by "2026-03-29T02". */
export function byHour(posts: readonly Post[], zone: string): Map<string, Post[]> {
  return grouped(posts, (at) => wallTime(at, zone).slice(0, 13));
}

function grouped(posts: readonly Post[], key: (at: Date) => string): Map<string, Post[]> {
  const groups = new Map<string, Post[]>();
  for (const post of posts) {
    const at = shownAt(post);
    if (!at) continue;
    const group = groups.get(key(at));
    if (group) group.push(post);
    else groups.set(key(at), [post]);
  }
  return groups;
}

/** A busy day: as many posts as fit, and how many more there are. The post with the id `kept` is always shown. */
export function folded(
  posts: readonly Post[],
  fit: number,
  kept: string | null,
): { shown: Post[]; more: number } {
  // A fold of one post would take the room of that post.
  if (posts.length <= fit + 1) return { shown: [...posts], more: 0 };
  const shown = posts.slice(0, fit);
  const hidden = posts.slice(fit).find((post) => post.id === kept);
  if (hidden) shown[fit - 1] = hidden;
  return { shown, more: posts.length - fit };
}

/** The beginning of a text on one line, cut between characters as people see them. */
export function firstWords(text: string, most = 90): string {
  // A character may be many code units long; the text may be of any length.
  const line = text
    .slice(0, most * 16)
    .replaceAll(/\s+/g, ' ')
    .trim();
  const letters = Array.from(new Intl.Segmenter().segment(line), ({ segment }) => segment);
  return letters.length > most ? `${letters.slice(0, most).join('').trimEnd()}…` : line;
}

const SOON_MS = 60_000;
const LATE_MS = 5 * 60_000;

/** Whether something is on its way, or due so soon that it is worth watching. */
export function isLively(posts: Iterable<Post>, now: Date): boolean {
  for (const post of posts) {
    if (post.status === 'publishing') return true;
    if (post.status !== 'scheduled' || !post.scheduled_at) continue;
    const until = Date.parse(post.scheduled_at) - now.getTime();
    if (until < SOON_MS && until > -LATE_MS) return true;
  }
  return false;
}
