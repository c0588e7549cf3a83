import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { components as LinkerComponents } from '../api/generated/auth-linker.d.ts';
import type { components } from '../api/generated/publisher.d.ts';
import { newIdempotencyKey, told } from '../core/api.ts';
import { now } from '../core/clock.ts';
import { SeftecElement } from '../core/element.ts';
import { ApiProblem, SignInNeeded, Unreachable } from '../core/problem.ts';
import { common } from '../core/styles.ts';
import { zoneOf } from '../core/time.ts';
import { avatarStyles } from '../parts/avatar.ts';
import { icon } from '../parts/icons.ts';
import { refusedInWords, standing } from '../parts/standing.ts';
import type { Desk } from './desk.ts';
import { type Done, doneView } from './done.ts';
import { bodyOf, type Draft, EMPTY, hasTooLong, isBegun, type NewPosts } from './draft.ts';
import { dueOf, instantOf } from './due.ts';
import { rezoned } from './editing.ts';
import { type Checks, type Note, notesOf, notesOfRefusal, servedUrls, stillTrue } from './findings.ts';
import { Newest } from './newest.ts';
import { type Connection, type Place, type Platform, placesOf } from './places.ts';
import { previewStyles } from './preview-styles.ts';
import { composerStyles } from './styles.ts';
import { Wish } from './wish.ts';
import type { Key } from './words.ts';

export type Campaign = components['schemas']['Campaign'];
type ConnectionPage = LinkerComponents['schemas']['ConnectionPage'];

/**
 * What composing and sharing have in common: places, a draft that is checked while it is written, and sending it once.
 * The draft lives in memory only, and outlives a lost network and an ended session.
 */
export abstract class SeftecWriting<More extends string = never> extends SeftecElement<Key | More> {
  static override styles = [common, avatarStyles, composerStyles, previewStyles].flat();

  /** The page with the planner, to lead there when something was planned. */
  @property({ attribute: 'planner-url' }) plannerUrl = '';
  /** The page where connections are mended. */
  @property({ attribute: 'accounts-url' }) accountsUrl = '';

  @state() protected places: ReadonlyMap<string, Place> | null = null;
  @state() protected draft: Draft = EMPTY;
  @state() protected notes: Note[] = [];
  @state() protected checks: Checks | null = null;
  @state() private isChecking = false;
  @state() private isUnchecked = false;
  @state() private served: ReadonlySet<string> = new Set();
  @state() private open: ReadonlySet<string> = new Set();
  @state() private missing: Desk['missing'] = null;
  @state() protected isBusy = false;
  /** Why it was not sent, line by line. */
  @state() protected refusal: string[] = [];
  @state() protected done: Done | null = null;

  protected readonly wish = new Wish(newIdempotencyKey);
  private platforms: Platform[] | null = null;
  private readonly checking = new Newest<{ draft: Draft; body: NewPosts }, Checks>(
    ({ body }) => told(this.api.publisher.POST('/v1/posts/validate', { body })),
    (checks, { draft }) => this.checked(checks, draft),
    (error) => this.uncheckable(error),
  );

  /** Sends what is written; what it returns is shown as done. */
  protected abstract send(due: Date | null): Promise<Done>;
  /** What is written, as the create call would say it. */
  protected body(due: Date | null): NewPosts {
    return bodyOf(this.draft, due);
  }

  /** What is written about; an answer that comes when it is another by now says nothing of this one. */
  protected get subject(): string {
    return '';
  }

  /** Whether it is written for one place for good, even when that one is gone. */
  protected get hasFixedPlace(): boolean {
    return false;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    // The time that was entered stays the same moment; it is the clock that shows something else.
    if (this.hasUpdated && changed.has('timeZone'))
      this.change(rezoned(this.draft, zoneOf(changed.get('timeZone') ?? ''), this.zone));
  }

  protected override forget(): void {
    this.checking.forget();
    this.places = null;
    this.draft = EMPTY;
    this.notes = [];
    this.checks = null;
    this.served = new Set();
    this.refusal = [];
    this.missing = null;
    this.done = null;
  }

  protected async bringPlaces(signal: AbortSignal): Promise<void> {
    const [platforms, connections] = await Promise.all([
      this.platforms ?? told(this.api.linker.GET('/v1/platforms', { signal })).then((page) => page.platforms),
      this.connections(signal),
    ]);
    this.platforms = platforms;
    this.places = new Map(placesOf(connections, platforms).map((place) => [place.id, place]));
    const targets = this.draft.targets.filter(({ connectionId }) => this.places?.has(connectionId));
    if (!this.hasFixedPlace && targets.length < this.draft.targets.length)
      this.change({ ...this.draft, targets });
    else if (this.isUnchecked) this.recheck();
  }

  private async connections(signal: AbortSignal): Promise<Connection[]> {
    const all: Connection[] = [];
    let cursor: string | null = null;
    do {
      const query: { limit: number; cursor?: string } = cursor ? { limit: 100, cursor } : { limit: 100 };
      const page: ConnectionPage = await told(
        this.api.linker.GET('/v1/connections', { signal, params: { query } }),
      );
      all.push(...page.connections);
      cursor = page.next_cursor;
    } while (cursor);
    return all;
  }

  protected get due(): Date | null {
    const { when, wall, second } = this.draft;
    return when === 'schedule' ? instantOf(dueOf(wall, second, this.zone, now())) : null;
  }

  /** Takes over what somebody changed, and has it checked. */
  protected readonly change = (next: Draft): void => {
    this.notes = stillTrue(this.notes, this.draft, next);
    this.draft = next;
    this.missing = null;
    this.refusal = [];
    this.recheck();
  };

  protected recheck(): void {
    const { draft, due } = this;
    const isFit = draft.targets.length > 0 && !hasTooLong(draft);
    this.isChecking = isFit;
    this.isUnchecked = false;
    if (!isFit) {
      this.checking.forget();
      this.checks = null;
      this.notes = [];
      return;
    }
    const body = this.body(due);
    this.checking.want({ draft, body: body.mode === 'schedule' && !due ? { ...body, mode: 'draft' } : body });
  }

  /** What a check says, once it is judged by what will be sent. */
  protected judged(checks: Checks): Checks {
    return checks;
  }

  private checked(answer: Checks, draft: Draft): void {
    const checks = this.judged(answer);
    this.checks = checks;
    this.notes = notesOf(checks, draft);
    this.served = servedUrls(checks, draft);
    this.isChecking = false;
  }

  private uncheckable(error: unknown): void {
    this.isChecking = false;
    this.isUnchecked = true;
    if (error instanceof SignInNeeded) this.standing = 'signed-out';
    if (error instanceof ApiProblem && error.fields.length)
      this.notes = notesOfRefusal(error.fields, this.draft);
  }

  protected get desk(): Desk {
    return {
      t: (key, values) => this.t(key, values),
      locale: this.spokenLocale,
      zone: this.zone,
      now: now(),
      draft: this.draft,
      notes: this.notes,
      checks: this.checks,
      isChecking: this.isChecking,
      served: this.served,
      places: this.places ?? new Map(),
      open: this.open,
      missing: this.missing,
      accountsUrl: this.accountsUrl,
      change: this.change,
      toggle: (id) => {
        const open = new Set(this.open);
        if (!open.delete(id)) open.add(id);
        this.open = open;
      },
    };
  }

  protected readonly submit = async (): Promise<void> => {
    if (this.isBusy) return;
    const { draft, due } = this;
    this.refusal = [];
    this.missing = !draft.targets.length ? 'places' : draft.when === 'schedule' && !due ? 'time' : null;
    if (this.missing) return this.focusOn(this.missing === 'places' ? '#places' : '#date');
    const isKnownBad = hasTooLong(draft) || (!this.isChecking && this.checks?.valid === false);
    if (draft.when !== 'draft' && isKnownBad) {
      this.refusal = [this.t('mendFirst')];
      return this.focusOn('[aria-invalid="true"]');
    }
    this.isBusy = true;
    const { subject } = this;
    try {
      const done = await this.send(due);
      this.wish.ended();
      this.live.changed();
      if (subject !== this.subject) return;
      this.done = done;
      await this.focusOn('#done-title');
    } catch (error) {
      this.wish.failed(error);
      if (subject === this.subject) await this.refused(error);
    } finally {
      this.isBusy = false;
    }
  };

  /** Says why it was not sent, beside the fields where they are named. */
  protected async refused(error: unknown): Promise<void> {
    this.tell('seftec-error', { error });
    if (error instanceof SignInNeeded) this.standing = 'signed-out';
    const fields = error instanceof ApiProblem ? error.fields : [];
    if (fields.length) this.notes = notesOfRefusal(fields, this.draft);
    const why = fields.length
      ? [...new Set(fields.map(({ detail }) => detail))]
      : [refusedInWords(error, this.spokenLocale)];
    const isUnknown = error instanceof Unreachable || (error instanceof ApiProblem && error.status >= 500);
    this.refusal = isUnknown ? [this.t('maybeSent')] : [this.t('refused'), ...why];
  }

  private async focusOn(selector: string): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(selector)?.focus();
  }

  /** Begins anew, for the same places. */
  protected next(): void {
    const targets = this.draft.targets.map(({ connectionId }) => ({
      connectionId,
      content: null,
      media: null,
      options: {},
    }));
    this.done = null;
    this.change({ ...EMPTY, targets, when: this.draft.when });
    void this.focusOn('textarea');
  }

  protected doneView(done: Done, hasNext: boolean): TemplateResult {
    const { spokenLocale: locale, zone, plannerUrl } = this;
    const t: Desk['t'] = (key, values) => this.t(key, values);
    return doneView(done, { t, locale, zone, plannerUrl, next: hasNext ? () => this.next() : null });
  }

  /** What the check says in sum, why it was not sent, and the button that sends. */
  protected footView(label: Key): TemplateResult {
    const [first, ...more] = this.refusal;
    return html`<div class="stack tight">
      <div role="alert">
        ${
          first
            ? html`<div class="notice bad"><div><p><b>${first}</b></p>${more.map((line) => html`<p>${line}</p>`)}</div></div>`
            : nothing
        }
      </div>
      <div class="row spread">
        <p role="status" class="small">${this.summary()}</p>
        <button type="button" class="primary" aria-disabled=${this.isBusy} @click=${this.submit}>
          ${this.t(this.isBusy ? 'sending' : label)}
        </button>
      </div>
    </div>`;
  }

  private summary(): TemplateResult | typeof nothing {
    const { checks } = this;
    if (this.isUnchecked) return html`${this.t('notChecked')}`;
    if (!checks || !isBegun(this.draft)) return nothing;
    const problems = this.notes.filter(({ severity }) => severity === 'problem');
    const count = new Set(problems.map(({ path, detail }) => `${path} ${detail}`)).size;
    if (count)
      return html`<span class="summary bad">${icon('cross')} ${this.t('checkedProblems', { count })}</span>`;
    return html`<span class="summary fine">${icon('check')} ${this.t('checkedFine')}</span>`;
  }

  protected override render(): TemplateResult {
    if (!this.places || (this.standing === 'signed-out' && !isBegun(this.draft))) return super.render();
    const { standing: stands, trouble, slow, spokenLocale: locale } = this;
    const nowhere = () => html``;
    const frame = { standing: stands, trouble, slow, locale, retry: this.live.now };
    return html`${standing(frame, nowhere, nowhere)}${this.draw()}`;
  }

  protected override skeleton(): TemplateResult {
    return html`<div class="columns">
      <div class="stack"><div class="bone line"></div><div class="bone block"></div><div class="bone block"></div></div>
      <div class="bone block"></div>
    </div>`;
  }
}
