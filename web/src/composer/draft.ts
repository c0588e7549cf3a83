import type { components } from '../api/generated/publisher.d.ts';
import type { WallTime } from '../core/time.ts';

export type NewPosts = components['schemas']['NewPosts'];
export type Options = Record<string, unknown>;

/** One picture or video by its public address. */
export interface Media {
  url: string;
  altText: string;
}

/** One place to publish, with what differs there; null says what is said everywhere. */
export interface TargetDraft {
  connectionId: string;
  content: string | null;
  media: Media[] | null;
  options: Options;
}

export type When = 'now' | 'schedule' | 'draft';

/** What is being written. Values are replaced, never changed in place. */
export interface Draft {
  content: string;
  media: Media[];
  targets: TargetDraft[];
  when: When;
  wall: WallTime;
  /** Which of two instants a doubled wall time means. */
  second: boolean;
}

export const EMPTY: Draft = {
  content: '',
  media: [],
  targets: [],
  when: 'schedule',
  wall: '',
  second: false,
};

/** The most characters that the API takes of one text. */
export const LONGEST_TEXT = 100_000;
export const LONGEST_ALT_TEXT = 1_000;
export const MOST_MEDIA = 20;
const LONGEST_URL = 2_048;

/** Whether somebody has begun to write. */
export function isBegun(draft: Draft): boolean {
  const own = draft.targets.some(
    ({ content, media, options }) => content || media?.length || hasAny(options),
  );
  return draft.content !== '' || draft.media.length > 0 || own;
}

function hasAny(options: Options): boolean {
  return Object.keys(options).length > 0;
}

/** The draft with that place among its targets, or without it. */
export function withTarget(draft: Draft, connectionId: string, isWanted: boolean): Draft {
  const others = draft.targets.filter((target) => target.connectionId !== connectionId);
  if (!isWanted) return { ...draft, targets: others };
  const fresh = { connectionId, content: null, media: null, options: {} };
  return others.length < draft.targets.length ? draft : { ...draft, targets: [...others, fresh] };
}

/** The draft with something else for one place. */
export function withVariant(draft: Draft, connectionId: string, change: Partial<TargetDraft>): Draft {
  const targets = draft.targets.map((target) =>
    target.connectionId === connectionId ? { ...target, ...change } : target,
  );
  return { ...draft, targets };
}

/** What a place gets in the end. */
export function contentAt(draft: Draft, target: TargetDraft): { content: string; media: Media[] } {
  return { content: target.content ?? draft.content, media: target.media ?? draft.media };
}

/** The list with one item a step earlier (-1) or later (1). */
export function moved<T>(list: readonly T[], index: number, step: -1 | 1): T[] {
  const to = index + step;
  if (to < 0 || to >= list.length) return [...list];
  const next = [...list];
  const [item] = next.splice(index, 1);
  next.splice(to, 0, item as T);
  return next;
}

/** The web address that somebody typed, or null where it is none. */
export function mediaUrl(typed: string): string | null {
  const text = typed.trim();
  if (text.length > LONGEST_URL || !/^https?:\/\/\S+$/i.test(text)) return null;
  try {
    return new URL(text).href;
  } catch {
    return null;
  }
}

/** Whether a text is longer than the API takes, whatever the platforms say. */
export function isTooLong(text: string): boolean {
  return text.length > LONGEST_TEXT && [...text].length > LONGEST_TEXT;
}

/** Whether any text is longer than the API takes. */
export function hasTooLong(draft: Draft): boolean {
  return [draft.content, ...draft.targets.map(({ content }) => content ?? '')].some(isTooLong);
}

/** Media as the API takes them; what kind they are it finds out itself. */
export function sentMedia(media: readonly Media[]): { url: string; alt_text: string }[] {
  return media.map(({ url, altText }) => ({ url, alt_text: altText }));
}

/** The create call, which is also what is checked. A draft keeps its time where it has one. */
export function bodyOf(draft: Draft, due: Date | null): NewPosts {
  const targets = draft.targets.map(({ connectionId, content, media, options }) => ({
    connection_id: connectionId,
    ...(content === null ? {} : { content }),
    ...(media === null ? {} : { media: sentMedia(media) }),
    ...(hasAny(options) ? { options } : {}),
  }));
  return {
    content: draft.content,
    media: sentMedia(draft.media),
    targets,
    ...(draft.when === 'schedule' && due ? { scheduled_at: due.toISOString() } : {}),
    mode: draft.when,
  };
}
