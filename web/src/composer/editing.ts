import type { components } from '../api/generated/publisher.d.ts';
import { meaningOf, wallTime } from '../core/time.ts';
import { type Draft, sentMedia } from './draft.ts';

export type Post = components['schemas']['PostOut'];
export type Changes = Partial<components['schemas']['Changes']>;

const CHANGEABLE = new Set(['draft', 'scheduled', 'held', 'failed', 'missed']);
const WAITING = new Set(['scheduled', 'held']);

/** Whether a merchant may still change a post that stands so. */
export function mayChange(status: string): boolean {
  return CHANGEABLE.has(status);
}

/** Whether the post is planned, so that saving it without a time takes it off the plan. */
export function isPlanned(status: string): boolean {
  return WAITING.has(status);
}

/** A post as it is being changed. */
export function draftOf(post: Post, zone: string): Draft {
  return {
    content: post.content,
    media: post.media.map(({ url, alt_text }) => ({ url, altText: alt_text })),
    targets: [{ connectionId: post.connection_id, content: null, media: null, options: post.options }],
    when: WAITING.has(post.status) ? 'schedule' : 'draft',
    ...shownAt(post.scheduled_at ? new Date(post.scheduled_at) : null, zone),
  };
}

/** What the clocks of a zone show at an instant, and whether for the second time. */
function shownAt(at: Date | null, zone: string): Pick<Draft, 'wall' | 'second'> {
  if (!at) return { wall: '', second: false };
  const wall = wallTime(at, zone);
  const other = meaningOf(wall, zone)?.instants[1];
  return { wall, second: Boolean(other && other.getTime() <= at.getTime()) };
}

/** The same draft for the same moment, as the clocks of another zone show it. */
export function rezoned(draft: Draft, from: string, to: string): Draft {
  const [first, other] = meaningOf(draft.wall, from)?.instants ?? [];
  const at = draft.second && other ? other : first;
  return at ? { ...draft, ...shownAt(at, to) } : draft;
}

/** What is to be changed of a post, and nothing else. */
export function changesOf(post: Post, draft: Draft, due: Date | null, zone: string): Changes {
  const before = draftOf(post, zone);
  const changes: Changes = {};
  if (draft.content !== before.content) changes.content = draft.content;
  if (!isSame(draft.media, before.media)) changes.media = sentMedia(draft.media);
  if (!isSame(optionsOf(draft), post.options)) changes.options = optionsOf(draft);
  if (draft.when === 'schedule') {
    const isMoved = draft.wall !== before.wall || draft.second !== before.second;
    if (due && (isMoved || before.when !== 'schedule')) changes.scheduled_at = due.toISOString();
  } else if (draft.when === 'draft' && before.when === 'schedule') changes.scheduled_at = null;
  return changes;
}

/** What somebody changed meanwhile, with what was being written kept wherever it was touched. */
export function rebased(draft: Draft, before: Post, after: Post, zone: string): Draft {
  const [was, is] = [draftOf(before, zone), draftOf(after, zone)];
  const kept = <T>(mine: T, old: T, theirs: T): T => (isSame(mine, old) ? theirs : mine);
  const isTimeMine = !isSame([draft.when, draft.wall, draft.second], [was.when, was.wall, was.second]);
  const { when, wall, second } = isTimeMine ? draft : is;
  const [target] = is.targets;
  const options = kept(optionsOf(draft), before.options, after.options);
  return {
    content: kept(draft.content, was.content, is.content),
    media: kept(draft.media, was.media, is.media),
    targets: target ? [{ ...target, options }] : [],
    when,
    wall,
    second,
  };
}

function optionsOf(draft: Draft) {
  return draft.targets[0]?.options ?? {};
}

function isSame(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

/** JSON with the keys of objects in order. */
function canonical(value: unknown): string {
  const inOrder = (_: string, part: unknown) =>
    part && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part;
  return JSON.stringify(value, inOrder) ?? '';
}
