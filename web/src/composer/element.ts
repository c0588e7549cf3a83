import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { components } from '../api/generated/publisher.d.ts';
import { told } from '../core/api.ts';
import { now } from '../core/clock.ts';
import { ApiProblem } from '../core/problem.ts';
import { firstTimeOn, meaningOf } from '../core/time.ts';
import { avatar } from '../parts/avatar.ts';
import { icon } from '../parts/icons.ts';
import { platformName } from '../parts/platform.ts';
import { refusedInWords } from '../parts/standing.ts';
import { notesView } from './desk.ts';
import type { Done } from './done.ts';
import { EMPTY, type When } from './draft.ts';
import { changesOf, draftOf, isPlanned, mayChange, type Post, rebased } from './editing.ts';
import { ownNotes, sharedNotes } from './findings.ts';
import { mediaField } from './media-field.ts';
import { previewsView } from './preview.ts';
import { settingsView, targetsView } from './targets.ts';
import { countView, textField } from './text-field.ts';
import { whenView } from './when.ts';
import { type Key, words } from './words.ts';
import { SeftecWriting } from './writing.ts';

const NEW: Record<When, Key> = { schedule: 'whenSchedule', now: 'whenNow', draft: 'whenDraft' };
const SUBMIT: Record<When, Key> = { schedule: 'submitSchedule', now: 'submitNow', draft: 'submitDraft' };

/**
 * Writes a post for several places at once, or changes one that exists: one text with variants, files with
 * descriptions, each platform's count, settings and preview, what `validate` says beside its field, and a time.
 */
@customElement('seftec-composer')
export class SeftecComposer extends SeftecWriting {
  /** The post to change, by its id or itself; without either a new one is written. */
  @property({ attribute: 'post-id' }) postId = '';
  @property({ attribute: false }) post: Post | undefined;
  /** The day that a new post is to go out on, as "2026-03-29"; it is said and can be changed like any time. */
  @property() day = '';

  protected override readonly words = words;
  /** The post as it was when the last change of it was seen. */
  @state() private base: Post | null = null;
  @state() private isChangedElsewhere = false;

  private get wantedId(): string {
    return this.post?.id ?? this.postId;
  }

  protected override get subject(): string {
    return this.wantedId;
  }

  protected override get hasFixedPlace(): boolean {
    return this.wantedId !== '';
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    if (changed.has('day') && !this.wantedId) this.begin(this.day);
    if (!this.hasUpdated || (!changed.has('postId') && !changed.has('post'))) return;
    if (this.wantedId === (this.base?.id ?? '')) return;
    this.base = null;
    this.done = null;
    this.draft = EMPTY;
    this.live.now();
  }

  protected override async load(signal: AbortSignal): Promise<void> {
    const id = this.wantedId;
    const [post] = await Promise.all([id ? this.read(id, signal) : null, this.bringPlaces(signal)]);
    if (post && id === this.wantedId) this.take(post);
  }

  /** Proposes a time on that day, until somebody has entered another. */
  private begin(day: string): void {
    const isDay = meaningOf(`${day}T00:00`, this.zone) !== null;
    if (!isDay || this.draft.wall) return;
    this.change({ ...this.draft, when: 'schedule', wall: firstTimeOn(day, this.zone, now()) });
  }

  private read(id: string, signal?: AbortSignal): Promise<Post> {
    const path = { post_id: id };
    return told(this.api.publisher.GET('/v1/posts/{post_id}', { params: { path }, signal: signal ?? null }));
  }

  /** Goes on from how the post is now, with what was written since kept. */
  private take(post: Post): void {
    const { base } = this;
    if (base?.id === post.id && (base.revision === post.revision || this.isBusy)) return;
    const isSame = base?.id === post.id;
    const isTouched = isSame && Object.keys(changesOf(base, this.draft, this.due, this.zone)).length > 0;
    this.isChangedElsewhere = isTouched;
    this.base = post;
    this.change(isSame ? rebased(this.draft, base, post, this.zone) : draftOf(post, this.zone));
  }

  protected override async send(due: Date | null): Promise<Done> {
    this.isChangedElsewhere = false;
    if (this.base) return this.save(this.base, due);
    const body = this.body(due);
    const header = { 'Idempotency-Key': this.wish.keyFor(body) };
    const campaign = await told(this.api.publisher.POST('/v1/posts', { body, params: { header } }));
    this.tell('seftec-post-created', { campaign });
    return { posts: campaign.posts, what: body.mode };
  }

  private async save(base: Post, due: Date | null): Promise<Done> {
    const changes = changesOf(base, this.draft, due, this.zone);
    const isNow = this.draft.when === 'now';
    let post = base;
    if (Object.keys(changes).length) {
      const params = { path: { post_id: base.id }, header: { 'If-Match': `"${base.revision}"` } };
      // What is not named stays; the generated type takes the fields' defaults for always sent.
      const body = changes as components['schemas']['Changes'];
      post = this.kept(await told(this.api.publisher.PATCH('/v1/posts/{post_id}', { params, body })));
    }
    if (isNow) {
      const params = { path: { post_id: base.id } };
      post = this.kept(await told(this.api.publisher.POST('/v1/posts/{post_id}/publish', { params })));
    }
    this.tell('seftec-post-changed', { post });
    return { posts: [post], what: isNow ? 'now' : 'changes' };
  }

  private kept(post: Post): Post {
    if (this.base?.id === post.id) this.base = post;
    return post;
  }

  protected override forget(): void {
    super.forget();
    this.base = null;
  }

  protected override async refused(error: unknown): Promise<void> {
    const { base } = this;
    if (base && error instanceof ApiProblem && error.status === 412) {
      const newest = await this.read(base.id).catch(() => null);
      if (newest) {
        this.isBusy = false;
        this.take(newest);
        this.isChangedElsewhere = true;
        return;
      }
    }
    await super.refused(error);
    // The text was saved, and only the second step was refused.
    const isSaved = base && this.base && this.base.revision > base.revision;
    if (isSaved) this.refusal = [this.t('savedNotPosted'), refusedInWords(error, this.spokenLocale)];
  }

  protected override draw(): TemplateResult {
    if (this.done) return this.doneView(this.done, !this.base);
    if (this.wantedId && !this.base) return this.skeleton();
    if (this.base && !mayChange(this.base.status)) return this.frozenView();
    const { desk, draft } = this;
    const isShared = !this.base && draft.targets.length > 1;
    return html`<section class="columns" aria-label=${this.t(this.base ? 'changePost' : 'newPost')}>
      <div class="stack">
        ${this.isChangedElsewhere ? html`<p class="notice warn" role="alert">${this.t('changedElsewhere')}</p>` : nothing}
        ${this.base ? this.placeView(this.base) : targetsView(desk)}
        ${textField(desk, {
          id: 'content',
          label: this.t('text'),
          value: draft.content,
          told: sharedNotes(desk.notes, 'content'),
          isShared,
          change: (content) => this.change({ ...this.draft, content }),
        })}
        ${mediaField(desk, this.t('media'), draft.media, null, (media) => this.change({ ...this.draft, media }))}
        ${this.base ? this.settings() : nothing}
        ${whenView(desk, this.ways())}
        ${this.footView(this.submitLabel())}
      </div>
      ${previewsView(desk)}
    </section>`;
  }

  private ways(): Record<When, Key> {
    const status = this.base?.status;
    return status === 'failed' || status === 'missed' ? { ...NEW, draft: 'whenKeep' } : NEW;
  }

  private submitLabel(): Key {
    const { when } = this.draft;
    if (!this.base || when === 'now') return SUBMIT[when];
    return when === 'schedule' && !isPlanned(this.base.status) ? 'submitSchedule' : 'submitChanges';
  }

  private placeView(post: Post): TemplateResult {
    const { desk } = this;
    const place = desk.places.get(post.connection_id);
    return html`<div class="stack tight">
      <div class="row who">
        ${avatar(place?.name ?? '', post.platform)}
        <span><b><bdi>${place?.name ?? ''}</bdi></b>
          <span class="muted small">${platformName(post.platform)}</span></span>
        ${countView(desk, post.connection_id)}
      </div>
      ${notesView(desk, 'about', ownNotes(desk.notes, post.connection_id, 'connection_id'))}
    </div>`;
  }

  private settings(): TemplateResult | typeof nothing {
    const [target] = this.draft.targets;
    const place = target && this.desk.places.get(target.connectionId);
    return place ? settingsView(this.desk, place, target) : nothing;
  }

  private frozenView(): TemplateResult {
    return html`<section class="stack" aria-label=${this.t('changePost')}>
      <p class="notice">${icon('pause')} <span>${this.t('frozen')}</span></p>
      ${this.plannerUrl ? html`<p><a class="button" href=${this.plannerUrl}>${this.t('toPlanner')}</a></p>` : nothing}
      ${previewsView(this.desk)}
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'seftec-composer': SeftecComposer;
  }
}
