import { type Api, told } from '../core/api.ts';
import { now } from '../core/clock.ts';
import { ApiProblem, SignInNeeded, Unreachable } from '../core/problem.ts';
import { may } from './actions.ts';
import type { Post } from './grouping.ts';
import type { Landing } from './moves.ts';
import type { Overlay } from './overlay.ts';
import type { Times } from './times.ts';
import type { Say } from './words.ts';

/** What is told after a change, with what can be done about it. */
export interface Note {
  /** The post that it is about. */
  post: string;
  tone: 'good' | 'warn' | 'bad';
  text: string;
  choices: { label: string; run: () => void }[];
}

/** What changes need of the planner. */
export interface Desk {
  api(): Api;
  t: Say;
  times(): Times;
  overlay: Overlay;
  tell(note: Note | null): void;
  /** Something is shown differently now. */
  shown(): void;
  /** The API has changed something. */
  changed(): void;
  /** What is shown may be out of date. */
  lookAgain(): void;
  failed(error: unknown): void;
}

interface Wish {
  /** What it will look like; undefined where nobody can say before the answer. */
  expected?: Post | null;
  call: (api: Api) => Promise<Post | null>;
  done: (answer: Post | null) => Omit<Note, 'post'>;
  /** A refusal that is a question, not told as one. */
  mute?: () => boolean;
}

const pathOf = (post: Post) => ({ params: { path: { post_id: post.id } } });
const matched = (post: Post) => ({
  params: { path: { post_id: post.id }, header: { 'If-Match': `"${post.revision}"` } },
});

/** Sends what the merchant wishes of a post: shown at once, put back with the reason where it is refused. */
export class Changes {
  private readonly desk: Desk;

  constructor(desk: Desk) {
    this.desk = desk;
  }

  /** Plans it for a landing; what it stood at before can be taken back where it can be planned again. */
  move(post: Post, wanted: string, landing: Landing): Promise<boolean> {
    const { t, times } = this.desk;
    const say = (key: 'moved' | 'movedSkipped' | 'movedTwice') =>
      t(key, { time: times().full(landing.at), wanted: wanted.slice(11) });
    const later = landing.later;
    return this.reschedule(post, landing.at, (answer) => ({
      tone: landing.skipped || later ? 'warn' : 'good',
      text: say(landing.skipped ? 'movedSkipped' : later ? 'movedTwice' : 'moved'),
      choices: [
        ...(later && answer
          ? [
              {
                label: t('takeSecond', { time: times().clock(later) }),
                run: () => void this.moveTo(answer, later),
              },
            ]
          : []),
        ...this.wayBack(post, answer),
      ],
    }));
  }

  /** Plans it for an instant, without a word about clocks. */
  moveTo(post: Post, at: Date): Promise<boolean> {
    const text = this.desk.t('moved', { time: this.desk.times().full(at) });
    return this.reschedule(post, at, () => ({ tone: 'good', text, choices: [] }));
  }

  private reschedule(post: Post, at: Date, done: Wish['done']): Promise<boolean> {
    const expected = { ...post, status: 'scheduled', scheduled_at: at.toISOString(), error: null };
    return this.wish(post, {
      expected,
      call: (api) =>
        told(
          api.publisher.PATCH('/v1/posts/{post_id}', {
            ...matched(post),
            body: { scheduled_at: at.toISOString() } as never,
          }),
        ),
      done,
    });
  }

  private wayBack(before: Post, answer: Post | null): Note['choices'] {
    if (!answer) return [];
    const { t } = this.desk;
    if (before.status === 'draft') return [{ label: t('undo'), run: () => void this.unschedule(answer) }];
    const back = new Date(before.scheduled_at ?? 0);
    if (before.status !== 'scheduled' || back <= now()) return [];
    return [{ label: t('undo'), run: () => void this.moveTo(answer, back) }];
  }

  /** Takes it off the plan: it is a draft again. */
  unschedule(post: Post): Promise<boolean> {
    return this.wish(post, {
      expected: { ...post, status: 'draft', scheduled_at: null, error: null },
      call: (api) =>
        told(
          api.publisher.PATCH('/v1/posts/{post_id}', {
            ...matched(post),
            body: { scheduled_at: null } as never,
          }),
        ),
      done: () => this.good(this.desk.t('unscheduled')),
    });
  }

  /** Has it go out at once. */
  publish(post: Post): Promise<boolean> {
    return this.wish(post, {
      expected: { ...post, status: 'scheduled', scheduled_at: now().toISOString(), error: null },
      call: (api) => told(api.publisher.POST('/v1/posts/{post_id}/publish', pathOf(post))),
      done: () => this.good(this.desk.t('goingOut')),
    });
  }

  /**
   * Tries it again. Of an unclear one the account is read first: `ask` says that only the merchant can decide now,
   * because sending again may put it there twice.
   */
  async retry(post: Post, confirmed: boolean): Promise<boolean | 'ask'> {
    const { t } = this.desk;
    let asks = false;
    const worked = await this.wish(post, {
      ...(post.status === 'unknown'
        ? {}
        : {
            expected: { ...post, status: 'scheduled', scheduled_at: now().toISOString(), error: null },
          }),
      call: async (api) => {
        try {
          const body = { confirm_may_duplicate: confirmed };
          return await told(api.publisher.POST('/v1/posts/{post_id}/retry', { ...pathOf(post), body }));
        } catch (error) {
          asks = error instanceof ApiProblem && (error.action ?? '').includes('confirm_may_duplicate');
          throw error;
        }
      },
      done: (answer) => this.good(t(answer?.status === 'published' ? 'foundIt' : 'retrying')),
      mute: () => asks,
    });
    return asks ? 'ask' : worked;
  }

  /** The merchant looked: it is there, or it is not. */
  resolve(post: Post, outcome: 'published' | 'not_published', permalink: string): Promise<boolean> {
    const body = { outcome, ...(permalink ? { permalink } : {}) };
    return this.wish(post, {
      expected: { ...post, status: outcome === 'published' ? 'published' : 'failed', error: null },
      call: (api) => told(api.publisher.POST('/v1/posts/{post_id}/resolve', { ...pathOf(post), body })),
      done: () => this.good(this.desk.t(`done_${outcome}`)),
    });
  }

  /** Cancels what waits, removes what is not out, hides what is. */
  remove(post: Post): Promise<boolean> {
    const kind = may('cancel', post.status) ? 'cancel' : may('hide', post.status) ? 'hide' : 'remove';
    const canceled = kind === 'cancel' ? { ...post, status: 'canceled', error: null } : null;
    return this.wish(post, {
      expected: canceled,
      call: async (api) => {
        await told(api.publisher.DELETE('/v1/posts/{post_id}', matched(post)));
        return canceled;
      },
      done: () => this.good(this.desk.t(`done_${kind}`)),
    });
  }

  private good(text: string): Omit<Note, 'post'> {
    return { tone: 'good', text, choices: [] };
  }

  private async wish(post: Post, wish: Wish): Promise<boolean> {
    const { overlay } = this.desk;
    // A second click, or a second wish while the first is on its way, changes nothing.
    if (overlay.isWaiting(post.id)) return false;
    overlay.expect(post.id, wish.expected === undefined ? post : wish.expected);
    this.desk.tell(null);
    this.desk.shown();
    try {
      const answer = await wish.call(this.desk.api());
      overlay.answer(post.id, answer);
      this.desk.tell({ post: post.id, ...wish.done(answer) });
      this.desk.changed();
      return true;
    } catch (error) {
      overlay.takeBack(post.id);
      if (!wish.mute?.()) {
        this.desk.tell({
          post: post.id,
          tone: 'bad',
          text: this.desk.t('rolledBack', { reason: reasonOf(error, this.desk.t) }),
          choices: [],
        });
        this.desk.failed(error);
      }
      this.desk.lookAgain();
      return false;
    } finally {
      this.desk.shown();
    }
  }
}

/** Why it was refused, in a sentence; the API's own words where they are about the post. */
export function reasonOf(error: unknown, t: Say): string {
  if (error instanceof SignInNeeded) return t('why_signedOut');
  if (error instanceof Unreachable) return t('why_offline');
  if (!(error instanceof ApiProblem)) return t('why_server');
  if (error.status === 412) return t('why_412');
  if (error.status === 404) return t('why_404');
  if (error.status === 409 && error.message.includes('publishing')) return t('why_publishing');
  if (error.status === 429) return t('why_429', { seconds: error.retryAfter ?? 60 });
  if (error.status >= 500 && error.code === 'internal') return t('why_server');
  return error.action ? `${error.message} ${error.action}` : error.message;
}
