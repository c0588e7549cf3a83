import { html, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { now } from '../core/clock.ts';
import { CALM_MS, LIVELY_MS, SeftecElement } from '../core/element.ts';
import { refusedInWords } from '../parts/standing.ts';
import { account, accountBones } from './account.ts';
import { bring, bringPosts, type Granularity, PAGE, type Posts, type Shown, type Wish } from './data.ts';
import { Directory } from './directory.ts';
import { header, VIEWS, type View } from './header.ts';
import en from './messages/en.json' with { type: 'json' };
import { overview, overviewBones } from './overview.ts';
import {
  type Bounds,
  boundsOf,
  dayIn,
  type Period,
  parsePeriod,
  type rangeProblem,
  writePeriod,
} from './period.ts';
import { type PostMetric, post, postBones } from './post.ts';
import { nameOf, posts, postsBones } from './posts.ts';
import { isAwaited } from './reasons.ts';
import type { AccountKey, PostKey, Sort } from './sorting.ts';
import { type Key, Speaker } from './speaker.ts';
import { analyticsStyles } from './styles.ts';

/** Where the view is: what `seftec-navigate` tells, so that a page can keep it in its address. */
export interface Place {
  view: View;
  connectionId: string;
  postId: string;
  period: string;
}

/** A merchant's numbers: all at a glance, one account over time, and the posts. */
@customElement('seftec-analytics')
export class SeftecAnalytics extends SeftecElement<Key> {
  static override styles = [SeftecElement.styles, analyticsStyles];

  /** `overview`, `account` (with `connection-id`) or `posts` (one with `post-id`). */
  @property() view: View = 'overview';
  @property({ attribute: 'connection-id' }) connectionId = '';
  @property({ attribute: 'post-id' }) postId = '';
  /** `7d`, `28d`, `90d`, or two days of the calendar as `2026-11-01..2026-11-15`. */
  @property() period = '28d';

  @state() private shown: Shown | undefined;
  @state() private granularity: Granularity = 'day';
  @state() private accountSort: Sort<AccountKey> = { key: 'followers', descending: true };
  @state() private postSort: Sort<PostKey> = { key: 'posted_at', descending: true };
  @state() private metric: PostMetric = 'likes';
  @state() private isRangeOpen = false;
  @state() private rangeTrouble: ReturnType<typeof rangeProblem> = null;
  @state() private isBringingMore = false;
  @state() private moreTrouble = '';

  protected readonly words = { en, others: { de: () => import('./messages/de.json') } };
  private readonly directory = new Directory(() => this.requestUpdate());
  private wanted = PAGE;

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    if (changed.has('period')) this.isRangeOpen = this.chosen.kind === 'range';
    const isElsewhere = (['view', 'connectionId', 'postId'] as const).some((name) => changed.has(name));
    const isOther = isElsewhere || changed.has('period') || changed.has('timeZone');
    if (!this.hasUpdated || !isOther) return;
    this.wanted = PAGE;
    this.moreTrouble = '';
    if (isElsewhere) this.shown = undefined;
    if (isElsewhere && this.standing !== 'waiting' && this.standing !== 'signed-out')
      this.standing = 'loading';
    // A token that came at the same time has begun a look already.
    if (!changed.has('accessToken')) this.live.now();
  }

  protected override forget(): void {
    this.shown = undefined;
    this.directory.clear();
  }

  protected override pace(): number {
    return isAwaited(this.shown) ? LIVELY_MS : CALM_MS;
  }

  protected override async load(signal: AbortSignal): Promise<void> {
    const asked = this.asked;
    void this.directory.bringAccounts(this.api, signal);
    const shown = await bring(this.api, this.wish, signal);
    // Whoever changed it meanwhile has asked for another look already.
    if (asked !== this.asked) return this.load(signal);
    this.shown = shown;
    if (shown.kind === 'posts') void this.directory.bringTexts(this.api, shown.posts.posts, signal);
    if (shown.kind === 'post') void this.directory.bringTexts(this.api, [shown.report.post], signal);
  }

  /** All that decides what a look brings. */
  private get wish(): Wish {
    const { at, connectionId, postId, bounds, granularity, postSort, wanted } = this;
    return { view: at, connectionId, postId, bounds, granularity, sort: postSort, wanted };
  }

  private get asked(): string {
    return JSON.stringify(this.wish);
  }

  private readonly bringMore = async (): Promise<void> => {
    const { shown } = this;
    if (shown?.kind !== 'posts' || !shown.posts.cursor || this.isBringingMore) return;
    this.isBringingMore = true;
    this.moreTrouble = '';
    this.wanted = shown.posts.posts.length + PAGE;
    const { asked } = this;
    const { signal } = new AbortController();
    try {
      const next = await bringPosts(this.api, shown.list, PAGE, signal, shown.posts.cursor);
      if (asked !== this.asked) return;
      const all = [...shown.posts.posts, ...next.posts];
      this.shown = { ...shown, posts: { posts: all, cursor: next.cursor } };
      void this.directory.bringTexts(this.api, next.posts, signal);
    } catch (error) {
      this.wanted = shown.posts.posts.length;
      this.moreTrouble = refusedInWords(error, this.spokenLocale);
    } finally {
      this.isBringingMore = false;
    }
  };

  /** The view that is asked for; the overview where it is none, or an account is not named. */
  private get at(): View {
    const known = VIEWS.find((view) => view === this.view) ?? 'overview';
    return known === 'account' && !this.connectionId ? 'overview' : known;
  }

  private get today(): string {
    return dayIn(now(), this.zone);
  }

  private get chosen(): Period {
    return parsePeriod(this.period, this.today);
  }

  private get bounds(): Bounds {
    return boundsOf(this.chosen, this.zone, now());
  }

  private get speaker(): Speaker {
    return new Speaker((key, values) => this.t(key, values), this.spokenLocale, this.zone);
  }

  /** Goes there, tells the page, and brings the focus to the heading of what comes. */
  private go(place: Partial<Place>): void {
    const {
      view = this.at,
      connectionId = this.connectionId,
      postId = this.postId,
      period = this.period,
    } = place;
    const isElsewhere = view !== this.at || connectionId !== this.connectionId || postId !== this.postId;
    Object.assign(this, { view, connectionId, postId, period });
    this.rangeTrouble = null;
    this.tell('seftec-navigate', { view, connectionId, postId, period });
    if (isElsewhere) this.renderRoot.querySelector<HTMLElement>('h2')?.focus();
  }

  protected override render(): TemplateResult {
    if (this.standing === 'signed-out' || this.standing === 'waiting') return super.render();
    const title = this.titleNow();
    return html`${header({
      speaker: this.speaker,
      view: this.at,
      postId: this.at === 'posts' ? this.postId : '',
      ...title,
      // From an account to the posts is to all posts: those of one account are reached from that account.
      go: (view) => this.go({ view, connectionId: view === 'account' ? this.connectionId : '', postId: '' }),
      choice: {
        period: this.chosen,
        today: this.today,
        isRangeOpen: this.isRangeOpen,
        problem: this.rangeTrouble,
        open: () => {
          this.isRangeOpen = true;
        },
        chosen: (period) => {
          this.isRangeOpen = period.kind === 'range';
          this.go({ period: writePeriod(period) });
        },
        refused: (problem) => {
          this.rangeTrouble = problem;
        },
      },
    })}${super.render()}`;
  }

  private titleNow(): { title: string; platform: string } {
    const { shown } = this;
    if (shown?.kind === 'account') {
      const one = shown.report.account;
      return { title: this.directory.nameOf(one), platform: one.platform };
    }
    if (shown?.kind === 'post') {
      const one = shown.report.post;
      return { title: nameOf(one, this.directory, this.speaker), platform: one.platform };
    }
    const title = this.at === 'posts' && this.postId ? this.t('post') : this.t(this.at);
    return { title, platform: '' };
  }

  protected override draw(): TemplateResult {
    const { shown, speaker, directory } = this;
    switch (shown?.kind) {
      case 'overview':
        return overview({
          speaker,
          directory,
          report: shown.report,
          sort: this.accountSort,
          sorted: (sort) => {
            this.accountSort = sort;
          },
          open: (connectionId) => this.go({ view: 'account', connectionId, postId: '' }),
        });
      case 'account':
        return account({
          speaker,
          report: shown.report,
          granularity: shown.report.granularity as Granularity,
          stepped: (granularity) => {
            this.granularity = granularity;
            this.live.now();
          },
          openPosts: () => this.go({ view: 'posts', postId: '' }),
        });
      case 'posts':
        return posts({
          speaker,
          directory,
          shown: shown.posts,
          sort: this.postSort,
          sorted: (sort) => {
            this.postSort = sort;
            this.wanted = PAGE;
            this.live.now();
          },
          onlyOf: this.connectionId && this.onlyOf(shown.posts),
          showAll: () => this.go({ connectionId: '' }),
          open: (postId) => this.go({ postId }),
          more: () => void this.bringMore(),
          isBusy: this.isBringingMore,
          moreTrouble: this.moreTrouble,
        });
      case 'post':
        return post({
          speaker,
          directory,
          report: shown.report,
          metric: this.metric,
          picked: (metric) => {
            this.metric = metric;
          },
        });
      case 'missing':
        return html`<div class="card empty"><p>${this.t('missing')}</p></div>`;
      default:
        return this.skeleton();
    }
  }

  private onlyOf({ posts }: Posts): string {
    const [first] = posts;
    return this.directory.nameOf(first ?? { connection_id: this.connectionId, platform: this.t('account') });
  }

  protected override skeleton(): TemplateResult {
    if (this.at === 'account') return accountBones();
    if (this.at === 'posts') return this.postId ? postBones() : postsBones();
    return overviewBones();
  }
}
