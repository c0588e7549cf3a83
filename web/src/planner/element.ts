import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Api } from '../core/api.ts';
import { CALM_MS, SeftecElement } from '../core/element.ts';
import { common } from '../core/styles.ts';
import { type WallTime, wallTime } from '../core/time.ts';
import { platformName, platformStyles } from '../parts/platform.ts';
import { may } from './actions.ts';
import { type Day, dayAt, daysShown, firstWeekday, isDay, periodOf, VIEWS, type View } from './calendar.ts';
import { Changes, type Note } from './changes.ts';
import { stateWords } from './chip.ts';
import {
  EVERYTHING,
  type Filter,
  firstWords,
  fits,
  inOrder,
  isLively,
  type Post,
  shownAt,
} from './grouping.ts';
import { type Board, Mover, type Moving } from './mover.ts';
import { firstTimeOn, inHour, landingOf, onDay } from './moves.ts';
import { Overlay } from './overlay.ts';
import { page } from './page.ts';
import { type Place, type Reading, readDrafts, readPeriod, readPlaces, readPost } from './reading.ts';
import type { Scene } from './scene.ts';
import { skeletonOf } from './skeleton.ts';
import { plannerStyles } from './styles.ts';
import { Times } from './times.ts';
import { type Key, words } from './words.ts';
import './detail.ts';
import './settings.ts';

const LIVELY_MS = 2_500;
const PLACES_MS = 60_000;
const NOTE_MS = 10_000;
/** Narrower than this, a week has no room for seven columns. */
const WIDE_PX = 680;
const KEPT_PERIODS = 12;
const NOTHING_READ: Reading = { posts: [], more: false };

/** The merchant's posts in a month, a week or a list: moved, opened, and brought to an end where they went wrong. */
@customElement('seftec-planner')
export class SeftecPlanner extends SeftecElement<Key> {
  static override styles = [common, platformStyles, plannerStyles];

  /** How the posts are shown: month, week or list. */
  @property({ attribute: 'view', reflect: true }) shownAs: View = 'month';
  /** A day of the period that is shown; today where it is missing. */
  @property({ reflect: true }) date: Day = '';
  /** The post that is open. */
  @property({ attribute: 'post-id', reflect: true }) postId = '';

  @state() filter: Filter = EVERYTHING;
  @state() note: Note | null = null;
  /** The day whose posts are all shown in a dialog. */
  @state() openedDay: Day | null = null;
  @state() settingsOpen = false;
  @state() isNarrow = false;
  /** What a screen reader is told of a move. */
  @state() said = '';
  @state() drafts: Reading = NOTHING_READ;

  protected override readonly words = words;
  private readonly periods = new Map<string, Reading>();
  private readonly overlay = new Overlay();
  private places = new Map<string, Place>();
  private placesReadAt = 0;
  /** The open post where it is not among those of the period; null where there is none of that id. */
  private apart: { id: string; post: Post | null } | null = null;
  /** What gets the focus after the next update: a post's id, or the head of the planner. */
  private refocus: string | null = null;
  private noteTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly size = new ResizeObserver(([entry]) => {
    if (entry) this.isNarrow = entry.contentRect.width < WIDE_PX;
  });

  readonly changes = new Changes({
    api: () => this.api,
    t: (key, values) => this.t(key, values),
    times: () => this.times,
    overlay: this.overlay,
    tell: (note) => this.tellNote(note),
    shown: () => this.requestUpdate(),
    changed: () => this.live.changed(),
    lookAgain: () => this.live.now(),
    failed: (error) => this.tell('seftec-error', { error }),
  });

  private readonly board: Board = {
    start: (post) =>
      may('move', post.status) && !this.overlay.isWaiting(post.id) ? this.wallOf(post) : null,
    onTarget: (post, target) => this.onTarget(post, target),
    byHour: () => this.shownAs !== 'month',
    refused: (post) => {
      this.said = this.t('cannotMove', { state: stateWords(post, this.say) });
    },
    moved: (moving, isNew) => this.moved(moving, isNew),
    putBack: (post) => {
      const at = shownAt(post);
      this.said = this.t('putBack', { time: at ? this.times.full(at) : this.t('noTime') });
      this.refocus = post.id;
    },
    drop: (post, wall) => this.drop(post, wall),
  };
  readonly mover = new Mover(this, this.board);

  readonly say = (key: Key, values = {}): string => this.t(key, values);

  get times(): Times {
    return new Times(this.spokenLocale, this.zone);
  }

  get today(): Day {
    return dayAt(new Date(), this.zone);
  }

  /** The day that the period is around. */
  get day(): Day {
    return isDay(this.date) ? this.date : this.today;
  }

  /** How it is shown; a word that is no view is the month. */
  get kind(): View {
    return VIEWS.includes(this.shownAs) ? this.shownAs : 'month';
  }

  get firstWeekday(): number {
    const spoken = this.spokenLocale;
    // A page that is only said to be English is read by people of many regions: theirs is the browser's.
    const own = navigator.languages.find((language) => language.startsWith(`${spoken}-`));
    return firstWeekday(own ?? spoken);
  }

  get shownDays(): Day[] {
    return daysShown(this.kind, this.day, this.firstWeekday);
  }

  private get period() {
    return periodOf(this.kind, this.day, this.firstWeekday, this.zone);
  }

  private get periodKey(): string {
    const { from, to } = this.period;
    return [from.toISOString(), to.toISOString(), ...Object.values(this.filter)].join(' ');
  }

  /** What was read of the period; undefined before. */
  get reading(): Reading | undefined {
    return this.periods.get(this.periodKey);
  }

  get knownPlaces(): readonly Place[] {
    return [...this.places.values()];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.size.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.size.disconnect();
    clearTimeout(this.noteTimer);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    const asks = ['shownAs', 'date', 'postId', 'filter', 'timeZone', 'locale'] as const;
    if (this.hasUpdated && asks.some((name) => changed.has(name))) this.live.now();
  }

  protected override updated(): void {
    const held = this.mover.moving?.byKeys ? this.mover.moving.post.id : null;
    const wanted = held ?? this.refocus;
    this.refocus = null;
    if (!wanted || this.postId || this.settingsOpen) return;
    const inside = this.openedDay ? 'dialog ' : '';
    const found = this.renderRoot.querySelector<HTMLElement>(`${inside}[data-post="${CSS.escape(wanted)}"]`);
    const other = this.renderRoot.querySelector<HTMLElement>(
      `[data-day="${CSS.escape(wanted)}"], [data-${CSS.escape(wanted)}]`,
    );
    (found ?? other ?? this.renderRoot.querySelector<HTMLElement>('h2'))?.focus();
  }

  protected override pace(): number {
    return isLively([...this.everyPost()], new Date()) ? LIVELY_MS : CALM_MS;
  }

  protected override async load(signal: AbortSignal): Promise<void> {
    const number = this.overlay.looking();
    const key = this.periodKey;
    const id = this.postId;
    const [reading, drafts] = await Promise.all([
      readPeriod(this.api, this.period, this.filter, signal),
      readDrafts(this.api, this.filter, signal),
      this.bringPlaces(signal),
    ]);
    const isThere = [...reading.posts, ...drafts.posts].some((post) => post.id === id);
    this.apart = id && !isThere ? { id, post: await readPost(this.api, id, signal) } : null;
    this.overlay.looked(number);
    this.drafts = drafts;
    this.periods.delete(key);
    this.periods.set(key, reading);
    const [oldest] = this.periods.keys();
    if (oldest && this.periods.size > KEPT_PERIODS) this.periods.delete(oldest);
    this.requestUpdate();
  }

  private async bringPlaces(signal: AbortSignal): Promise<void> {
    if (Date.now() - this.placesReadAt < PLACES_MS) return;
    const places = await readPlaces(this.api, signal);
    if (!places) return;
    this.places = places;
    this.placesReadAt = Date.now();
  }

  private everyPost(): Post[] {
    const posts = [...(this.reading?.posts ?? []), ...this.drafts.posts];
    return this.overlay.over(this.apart?.post ? [...posts, this.apart.post] : posts);
  }

  /** The open post; undefined while it is being read, null where there is none. */
  get opened(): Post | null | undefined {
    const known = this.everyPost().find((post) => post.id === this.postId);
    if (known) return known;
    const isAnswered = this.overlay.of(this.postId) === null || this.apart?.id === this.postId;
    return isAnswered ? null : undefined;
  }

  /** What the views draw: the posts of the period with the one that is being moved where it would land. */
  get scene(): Scene {
    const { moving, target } = this.mover;
    const { from, to } = this.period;
    const landing = moving ? landingOf(moving.wall, this.zone, new Date()) : null;
    const standing = this.everyPost().map((post) =>
      moving?.byKeys && landing && post.id === moving.post.id
        ? { ...post, scheduled_at: landing.at.toISOString() }
        : post,
    );
    const within = standing.filter((post) => {
      const at = shownAt(post);
      return at && at >= from && at < to && (fits(post, this.filter) || post.id === moving?.post.id);
    });
    return {
      t: this.say,
      times: this.times,
      today: this.today,
      firstWeekday: this.firstWeekday,
      posts: inOrder(within),
      placeOf: (post) => this.placeOf(post),
      moving: moving && { id: moving.post.id, byKeys: moving.byKeys, past: Boolean(landing?.past) },
      target,
      isStill: false,
      isWaiting: (post) => this.overlay.isWaiting(post.id),
      open: (post) => {
        if (!this.mover.hasJustDropped) this.go({ postId: post.id });
      },
      openDay: (day) => {
        this.openedDay = day;
      },
      pressed: (event, post) => {
        if (this.mover.press(event, post)) event.preventDefault();
      },
      grabbed: (event, post) => this.mover.grab(event, post),
    };
  }

  /** The drafts without a time, as they are to be shown. */
  get shownDrafts(): Post[] {
    const held = this.mover.moving?.byKeys ? this.mover.moving.post.id : null;
    return this.everyPost().filter((post) => !shownAt(post) && post.id !== held && fits(post, this.filter));
  }

  placeOf(post: Post): string {
    return this.places.get(post.connection_id)?.name ?? platformName(post.platform);
  }

  /** Shows something else, and tells the page so that it can keep it in its address. */
  go(where: Partial<{ view: View; date: Day; postId: string }>, focus?: string): void {
    if (where.view) this.shownAs = where.view;
    if (where.date) this.date = where.date;
    if (where.postId !== undefined) this.postId = where.postId;
    // What is told of one post has no place on another.
    if (where.postId && this.note?.post !== where.postId) this.tellNote(null);
    if (focus) this.refocus = focus;
    this.tell('seftec-view-changed', { view: this.kind, date: this.day, postId: this.postId });
  }

  /** Gives the focus after the next update to a post, a day, or the head of the planner. */
  focusAfter(what: string): void {
    this.refocus = what;
  }

  /** Whether the newest look failed. */
  get isTroubled(): boolean {
    return this.trouble !== null;
  }

  /** The APIs as the page may call them. */
  get calls(): Api {
    return this.api;
  }

  tellNote(note: Note | null): void {
    clearTimeout(this.noteTimer);
    this.note = note;
    if (note?.tone !== 'good' || note.choices.length) return;
    this.noteTimer = setTimeout(() => this.closeNote(), NOTE_MS);
  }

  /** Takes the note away; the focus goes back to its post where it was on the note. */
  closeNote(): void {
    const active = this.shadowRoot?.activeElement;
    if (active?.closest('.notes')) this.refocus = this.note?.post || 'head';
    this.tellNote(null);
  }

  private wallOf(post: Post): WallTime {
    const at = shownAt(post);
    if (at) return wallTime(at, this.zone);
    const day = this.day > this.today ? this.day : this.today;
    return firstTimeOn(day, this.zone, new Date());
  }

  private onTarget(post: Post, target: string): WallTime {
    if (!shownAt(post))
      return target.includes('T') ? `${target}:00` : firstTimeOn(target, this.zone, new Date());
    const wall = this.wallOf(post);
    return target.includes('T')
      ? inHour(wall, target.slice(0, 10), Number(target.slice(11)))
      : onDay(wall, target);
  }

  private moved({ post, byKeys, wall }: Moving, isNew: boolean): void {
    const landing = landingOf(wall, this.zone, new Date());
    if (!byKeys || !landing) return;
    const time = this.times.full(landing.at);
    const name = firstWords(post.content, 30) || this.t('noWords');
    if (isNew) this.said = this.t('moving', { post: name, time });
    else this.said = this.t(landing.past ? 'movingPast' : 'movingTo', { time });
    if (!this.shownDays.includes(wall.slice(0, 10))) this.go({ date: wall.slice(0, 10) });
  }

  private drop(post: Post, wall: WallTime): void {
    const landing = landingOf(wall, this.zone, new Date());
    const stays = shownAt(post) && wall === this.wallOf(post);
    if (!landing || stays) {
      this.mover.cancel();
      return;
    }
    if (landing.past) {
      const text = this.t('past', { time: this.times.full(landing.at) });
      this.tellNote({ post: post.id, tone: 'bad', text, choices: [] });
      return;
    }
    this.mover.end();
    this.refocus = post.id;
    void this.changes.move(post, wall, landing);
  }

  protected override view(): TemplateResult {
    return page(this);
  }

  protected override skeleton(): TemplateResult {
    return skeletonOf(this.kind, this.isNarrow);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'seftec-planner': SeftecPlanner;
  }
}
