import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Api } from '../core/api.ts';
import { now } from '../core/clock.ts';
import { CALM_MS, LIVELY_MS, SeftecElement } from '../core/element.ts';
import { common } from '../core/styles.ts';
import { platformName, platformStyles } from '../parts/platform.ts';
import { boardOf } from './board.ts';
import { type Day, dayAt, daysShown, firstWeekday, isDay, periodOf, VIEWS, type View } from './calendar.ts';
import { Changes, type Note } from './changes.ts';
import { EVERYTHING, type Filter, fits, inOrder, isLively, type Post, shownAt } from './grouping.ts';
import { Mover } from './mover.ts';
import { landingOf } from './moves.ts';
import { page } from './page.ts';
import type { Place, Reading } from './reading.ts';
import type { Scene } from './scene.ts';
import { Shelf, type Wanted } from './shelf.ts';
import { skeletonOf } from './skeleton.ts';
import { plannerStyles } from './styles.ts';
import { Times } from './times.ts';
import { type Key, words } from './words.ts';
import './detail.ts';
import './settings.ts';

const NOTE_MS = 10_000;
/** Narrower than this, a week has no room for seven columns. */
const WIDE_PX = 680;

/** The merchant's posts in a month, a week or a list: moved, opened, and brought to an end where they went wrong. */
@customElement('seftec-planner')
export class SeftecPlanner extends SeftecElement<Key> {
  static override styles = [common, platformStyles, ...plannerStyles];

  /** How the posts are shown: month, week or list. */
  @property({ reflect: true }) view: View = 'month';
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

  protected override readonly words = words;
  private readonly shelf = new Shelf();
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
    overlay: this.shelf.overlay,
    tell: (note) => this.tellNote(note),
    shown: () => this.requestUpdate(),
    changed: () => this.live.changed(),
    lookAgain: () => this.live.now(),
    failed: (error) => this.tell('seftec-error', { error }),
  });

  readonly say = (key: Key, values = {}): string => this.t(key, values);
  readonly mover = new Mover(this, boardOf(this));

  get times(): Times {
    return new Times(this.spokenLocale, this.zone);
  }

  get today(): Day {
    return dayAt(now(), this.zone);
  }

  /** The day that the period is around. */
  get day(): Day {
    return isDay(this.date) ? this.date : this.today;
  }

  /** How it is shown; a word that is no view is the month. */
  get kind(): View {
    return VIEWS.includes(this.view) ? this.view : 'month';
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

  private get wanted(): Wanted {
    return { period: this.period, filter: this.filter, postId: this.postId };
  }

  /** What was read of the period; undefined before. */
  get reading(): Reading | undefined {
    return this.shelf.of(this.wanted);
  }

  get drafts(): Reading {
    return this.shelf.drafts;
  }

  get knownPlaces(): readonly Place[] {
    return [...this.shelf.places.values()];
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
    const asks = ['view', 'date', 'postId', 'filter', 'timeZone', 'locale'] as const;
    if (!this.hasUpdated || !asks.some((name) => changed.has(name))) return;
    // Another day of the same period, or a post that is there already, is no reason to read it all again.
    const isThere = !changed.has('postId') || !this.postId || this.opened;
    if (!this.reading || !isThere || changed.has('filter')) this.live.now();
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

  protected override forget(): void {
    this.shelf.clear();
    this.openedDay = null;
    this.settingsOpen = false;
    this.note = null;
    this.said = '';
  }

  protected override pace(): number {
    return isLively(this.shelf.posts(this.wanted), now()) ? LIVELY_MS : CALM_MS;
  }

  protected override async load(signal: AbortSignal): Promise<void> {
    await this.shelf.read(this.api, this.wanted, signal);
    // Its answer may have told that today is another day than by this machine's clock.
    if (!this.reading) await this.shelf.read(this.api, this.wanted, signal);
    this.requestUpdate();
  }

  /** The open post; undefined while it is being read, null where there is none. */
  get opened(): Post | null | undefined {
    return this.shelf.opened(this.wanted);
  }

  /** What the views draw: the posts of the period with the one that is being moved where it would land. */
  get scene(): Scene {
    const { moving, target } = this.mover;
    const { from, to } = this.period;
    const landing = moving ? landingOf(moving.wall, this.zone, now()) : null;
    const standing = this.shelf
      .posts(this.wanted)
      .map((post) =>
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
      isWaiting: (post) => this.isWaiting(post),
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
    return this.shelf
      .posts(this.wanted)
      .filter((post) => !shownAt(post) && post.id !== held && fits(post, this.filter));
  }

  /** Whether a change of the post waits for its answer. */
  isWaiting(post: Post): boolean {
    return this.shelf.overlay.isWaiting(post.id);
  }

  placeOf(post: Post): string {
    return this.shelf.places.get(post.connection_id)?.name ?? platformName(post.platform);
  }

  /** Shows something else, and tells the page so that it can keep it in its address. */
  go(where: Partial<{ view: View; date: Day; postId: string }>, focus?: string): void {
    if (where.view) this.view = where.view;
    if (where.date) this.date = where.date;
    if (where.postId !== undefined) this.postId = where.postId;
    // What was told before is over when a post is opened.
    if (where.postId) this.tellNote(null);
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

  protected override draw(): TemplateResult {
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
