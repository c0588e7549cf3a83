import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { components } from '../api/generated/publisher.d.ts';
import { isWrong, notesView } from '../composer/desk.ts';
import type { Done } from '../composer/done.ts';
import { bodyOf, type NewPosts, sentMedia, type When } from '../composer/draft.ts';
import { type Checks, sharedNotes } from '../composer/findings.ts';
import { previewsView } from '../composer/preview.ts';
import { targetsView } from '../composer/targets.ts';
import { whenView } from '../composer/when.ts';
import type { Key as ComposerKey } from '../composer/words.ts';
import { SeftecWriting } from '../composer/writing.ts';
import { told } from '../core/api.ts';
import { asSent, withoutLength } from './judging.ts';
import { type Product, readProduct } from './product.ts';
import { LONGEST_TEMPLATE, PLACEHOLDERS, priceText, rendered, wrongIn } from './template.ts';
import { type Key, words } from './words.ts';

const WAYS: Record<When, ComposerKey> = { now: 'whenNow', schedule: 'whenSchedule', draft: 'whenDraft' };

/** Shares a product: what each chosen place will get, from the product's words, picture and video. */
@customElement('seftec-share')
export class SeftecShare extends SeftecWriting<Key> {
  /** What is shared: `{id, title, description, price, currency, url, image_url, video_url?}`. */
  @property({ attribute: false }) product: Product | undefined;

  protected override readonly words = words;
  @state() private template = '';
  @state() private shared: Product | null = null;
  @state() private wrong: string[] = [];

  constructor() {
    super();
    this.draft = { ...this.draft, when: 'now' };
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    if (!changed.has('product')) return;
    const { product, wrong } = readProduct(this.product);
    this.shared = product;
    this.wrong = wrong;
    this.done = null;
    this.write(this.template);
  }

  protected override forget(): void {
    super.forget();
    this.draft = { ...this.draft, when: 'now' };
    this.write('');
  }

  protected override next(): void {
    super.next();
    this.write(this.template);
  }

  protected override load(signal: AbortSignal): Promise<void> {
    return this.bringPlaces(signal);
  }

  /** Fills the template in; the draft's text is what comes of it. */
  private write(template: string): void {
    this.template = template;
    const { shared } = this;
    if (!shared || wrongIn(template)) return;
    const content = rendered(template, shared, priceText(shared.price, shared.currency));
    const media = [{ url: shared.image_url, altText: shared.title.slice(0, 1_000) }];
    this.change({ ...this.draft, content, media });
  }

  private get asSent() {
    const takesVideo = (id: string) => {
      const place = this.places?.get(id);
      return place && { platform: place.platform, takesVideo: place.takesVideo };
    };
    return this.shared ? asSent(this.draft, this.shared, takesVideo) : this.draft;
  }

  protected override body(due: Date | null): NewPosts {
    return bodyOf(this.asSent, due);
  }

  protected override judged(checks: Checks): Checks {
    return withoutLength(checks, this.draft, (limit) => this.t('shortened', { limit }));
  }

  protected override async send(due: Date | null): Promise<Done> {
    const { shared, draft, template } = this;
    if (!shared) throw new TypeError('no product');
    const targets = draft.targets.map(({ connectionId, content, media, options }) => ({
      connection_id: connectionId,
      ...(content === null ? {} : { content }),
      ...(media === null ? {} : { media: sentMedia(media) }),
      ...(Object.keys(options).length ? { options } : {}),
    }));
    // The type generated takes the description, which has a default, for always sent.
    const product = { description: '', ...shared };
    const body: components['schemas']['Share'] = {
      product,
      targets,
      ...(template.trim() ? { template } : {}),
      ...(due ? { scheduled_at: due.toISOString() } : {}),
      mode: draft.when,
    };
    const header = { 'Idempotency-Key': this.wish.keyFor(body) };
    const campaign = await told(this.api.publisher.POST('/v1/products/share', { body, params: { header } }));
    this.tell('seftec-post-created', { campaign });
    return { posts: campaign.posts, what: draft.when };
  }

  protected override draw(): TemplateResult {
    if (!this.shared) return this.nothingView();
    if (this.done) return this.doneView(this.done, true);
    const { desk } = this;
    const { when } = this.draft;
    const label = when === 'now' ? 'submitNow' : when === 'draft' ? 'submitDraft' : 'submitSchedule';
    return html`<div class="columns">
      <div class="stack">
        <h2>${this.t('shareProduct')}</h2>
        ${this.productView(this.shared)}
        ${targetsView(desk)}
        ${this.templateView()}
        ${whenView(desk, WAYS)}
        ${this.footView(label)}
      </div>
      ${previewsView({ ...desk, draft: this.asSent })}
    </div>`;
  }

  private nothingView(): TemplateResult {
    const isWrongOne = this.wrong.length > 0;
    return html`<div class="notice ${isWrongOne ? 'bad' : ''}" role=${isWrongOne ? 'alert' : nothing}>
      <p><b>${this.t(isWrongOne ? 'wrongProduct' : 'noProduct')}</b>
        ${
          isWrongOne
            ? this.t('wrongFields', { count: this.wrong.length, fields: this.wrong.join(', ') })
            : this.t('noProductNext')
        }</p>
    </div>`;
  }

  private productView(product: Product): TemplateResult {
    const isSeen = this.desk.served.has(product.image_url);
    const told = sharedNotes(this.notes, 'media', true).concat(sharedNotes(this.notes, 'product', true));
    return html`<section class="file" aria-label=${this.t('product')}>
      ${
        isSeen
          ? html`<img class="thumb" src=${product.image_url} alt="" referrerpolicy="no-referrer" />`
          : html`<span class="thumb" aria-hidden="true"></span>`
      }
      <div class="stack tight">
        <h3 dir="auto">${product.title}</h3>
        <p>${priceText(product.price, product.currency)}</p>
        <p class="muted small"><bdi>${product.url}</bdi></p>
        ${product.video_url ? html`<p class="hint">${this.t('videoOrPicture')}</p>` : nothing}
        ${notesView(this.desk, 'product-notes', told, true)}
      </div>
    </section>`;
  }

  private templateView(): TemplateResult {
    const { desk } = this;
    const piece = wrongIn(this.template);
    const told = sharedNotes(desk.notes, 'content').concat(sharedNotes(desk.notes, 'template'));
    const typed = (event: Event) => this.write((event.target as HTMLTextAreaElement).value);
    return html`<div class="field">
      <label for="template">${this.t('template')}</label>
      <textarea id="template" rows="4" dir="auto" maxlength=${LONGEST_TEMPLATE} .value=${this.template}
        aria-invalid=${piece ? 'true' : isWrong(told)}
        aria-describedby="template-hint template-wrong template-notes" @input=${typed}></textarea>
      <p class="hint" id="template-hint">
        ${this.t('templateHint', { placeholders: PLACEHOLDERS.map((name) => `{${name}}`).join(', ') })}
      </p>
      <p class="wrong" id="template-wrong" role="status">${piece ? this.t('templateWrong', { piece }) : nothing}</p>
      ${notesView(desk, 'template-notes', told, true)}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'seftec-share': SeftecShare;
  }
}
