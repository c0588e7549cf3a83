import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { common } from '../core/styles.ts';
import { icon } from '../parts/icons.ts';
import { LONGEST_ALT_TEXT, type Media, MOST_MEDIA, mediaUrl, moved } from './draft.ts';
import type { Told } from './findings.ts';
import { composerStyles } from './styles.ts';
import type { Say } from './words.ts';

/** What is known of one file: what is said of it and of its description, and whether it may be loaded here. */
export interface FileState {
  told: Told[];
  altTold: Told[];
  isServed: boolean;
}

type Loaded = { width: number; height: number } | 'broken';

const VIDEO = /\.(mp4|mov|m4v|webm)(?:[?#]|$)/i;

/**
 * Pictures and videos by their addresses: added, described, put in order and taken away. A picture is loaded only once
 * the API has looked at it, or when somebody asks, so that no huge file comes into the page. Tells `media-change`.
 */
@customElement('seftec-media-list')
export class SeftecMediaList extends LitElement {
  static override styles = [
    common,
    composerStyles,
    css`
      :host {
        container-type: normal;
      }
    `,
  ];

  @property({ attribute: false }) t!: Say;
  @property() heading = '';
  @property({ attribute: false }) media: Media[] = [];
  @property({ attribute: false }) files: FileState[] = [];
  /** What is said of all files together. */
  @property({ attribute: false }) told: Told[] = [];
  @property({ attribute: false }) notes!: (id: string, told: Told[]) => TemplateResult;

  @state() private typed = '';
  @state() private isTypedWrong = false;
  @state() private said = '';
  @state() private loaded: ReadonlyMap<string, Loaded> = new Map();
  @state() private asked: ReadonlySet<string> = new Set();
  private focusNext = '';

  protected override updated(changed: PropertyValues): void {
    if (!this.focusNext || !changed.has('media')) return;
    this.renderRoot.querySelector<HTMLElement>(this.focusNext)?.focus();
    this.focusNext = '';
  }

  private change(media: Media[]): void {
    this.dispatchEvent(new CustomEvent('media-change', { detail: media }));
  }

  private readonly add = (event: Event): void => {
    event.preventDefault();
    const url = mediaUrl(this.typed);
    this.isTypedWrong = !url || this.media.length >= MOST_MEDIA;
    if (!url || this.isTypedWrong) {
      this.renderRoot.querySelector<HTMLElement>('#url')?.focus();
      return;
    }
    this.typed = '';
    this.said = '';
    this.change([...this.media, { url, altText: '' }]);
  };

  private drop(index: number): void {
    const left = this.media.length - 1;
    this.focusNext = left > 0 ? `#remove-${Math.min(index, left - 1)}` : '#url';
    this.said = this.t('mediaRemoved', { count: left });
    this.change(this.media.filter((_, at) => at !== index));
  }

  private move(index: number, step: -1 | 1): void {
    const to = index + step;
    if (to < 0 || to >= this.media.length) return;
    this.focusNext = `#${step < 0 ? 'earlier' : 'later'}-${to}`;
    this.said = this.t('mediaMoved', { number: to + 1 });
    this.change(moved(this.media, index, step));
  }

  private describe(index: number, altText: string): void {
    this.change(this.media.map((one, at) => (at === index ? { ...one, altText } : one)));
  }

  private know(url: string, what: Loaded): void {
    this.loaded = new Map(this.loaded).set(url, what);
  }

  protected override render(): TemplateResult {
    const isFull = this.media.length >= MOST_MEDIA;
    const wrong = isFull ? this.t('mediaFull', { count: MOST_MEDIA }) : this.t('mediaWrong');
    return html`<fieldset class="plain stack">
      <legend>${this.heading}</legend>
      ${this.notes('all-notes', this.told)}
      ${
        this.media.length
          ? html`<ol class="files">${this.media.map((one, index) => this.file(one, index))}</ol>`
          : nothing
      }
      <form class="add" @submit=${this.add} novalidate>
        <div class="field">
          <label for="url">${this.t('mediaUrl')}</label>
          <input id="url" type="url" inputmode="url" autocomplete="off" .value=${this.typed}
            aria-invalid=${this.isTypedWrong} aria-describedby="url-hint url-wrong"
            @input=${(event: Event) => {
              this.typed = (event.target as HTMLInputElement).value;
              this.isTypedWrong = false;
            }} />
        </div>
        <button>${icon('plus')} ${this.t('mediaAdd')}</button>
      </form>
      <div>
        <p class="hint" id="url-hint">${this.t('mediaUrlHint')}</p>
        <p class="wrong" id="url-wrong" role="alert">${this.isTypedWrong ? wrong : nothing}</p>
      </div>
      <p class="visually-hidden" role="status">${this.said}</p>
    </fieldset>`;
  }

  private file(one: Media, index: number): TemplateResult {
    const number = index + 1;
    const known = this.files[index];
    const told = known?.told ?? [];
    const altTold = known?.altTold ?? [];
    return html`<li class="file">
      ${this.thumbnail(one, index)}
      <div class="stack tight">
        <div class="row spread">
          <span class="small"><b>${this.t('mediaName', { number })}</b> <bdi class="muted">${nameOf(one.url)}</bdi>
            ${this.size(one.url)}</span>
          <span class="row tools">
            ${this.tool('earlier', index, 'up', () => this.move(index, -1), index === 0)}
            ${this.tool('later', index, 'down', () => this.move(index, 1), number === this.media.length)}
            ${this.tool('remove', index, 'cross', () => this.drop(index), false)}
          </span>
        </div>
        ${this.loaded.get(one.url) === 'broken' ? html`<p class="wrong">${this.t('broken')}</p>` : nothing}
        ${this.notes(`file-${index}`, told)}
        <div class="field">
          <label class="small" for="alt-${index}">${this.t('altText', { number })}</label>
          <input id="alt-${index}" dir="auto" maxlength=${LONGEST_ALT_TEXT} .value=${one.altText}
            placeholder=${this.t('altTextHint')} aria-describedby="alt-${index}-notes"
            aria-invalid=${altTold.some(({ severity }) => severity === 'problem')}
            @input=${(event: Event) => this.describe(index, (event.target as HTMLInputElement).value)} />
          ${this.notes(`alt-${index}-notes`, altTold)}
        </div>
      </div>
    </li>`;
  }

  private tool(
    name: 'earlier' | 'later' | 'remove',
    index: number,
    shape: 'up' | 'down' | 'cross',
    act: () => void,
    isOff: boolean,
  ): TemplateResult {
    return html`<button type="button" class="tool" id="${name}-${index}" aria-disabled=${isOff}
      aria-label=${this.t(name, { number: index + 1 })} title=${this.t(name, { number: index + 1 })}
      @click=${isOff ? nothing : act}>${icon(shape)}</button>`;
  }

  private size(url: string): TemplateResult | typeof nothing {
    const known = this.loaded.get(url);
    return known && known !== 'broken'
      ? html`<span class="muted">${this.t('pixels', known)}</span>`
      : nothing;
  }

  private thumbnail({ url, altText }: Media, index: number): TemplateResult {
    if (VIDEO.test(url)) return html`<span class="thumb">${this.t('video')}</span>`;
    if (this.loaded.get(url) === 'broken') return html`<span class="thumb">${icon('warning')}</span>`;
    if (!this.files[index]?.isServed && !this.asked.has(url))
      return html`<button type="button" class="thumb"
        @click=${() => {
          this.asked = new Set(this.asked).add(url);
        }}>${this.t('show', { number: index + 1 })}</button>`;
    const loaded = (event: Event) => {
      const { naturalWidth: width, naturalHeight: height } = event.target as HTMLImageElement;
      this.know(url, width > 0 ? { width, height } : 'broken');
    };
    return html`<img class="thumb" src=${url} alt=${altText} width="80" height="80" referrerpolicy="no-referrer"
      @load=${loaded} @error=${() => this.know(url, 'broken')} />`;
  }
}

/** The last part of an address, as a file is called. */
export function nameOf(url: string): string {
  try {
    const { pathname, hostname } = new URL(url);
    return decodeURIComponent(pathname.split('/').at(-1) || hostname);
  } catch {
    return url;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'seftec-media-list': SeftecMediaList;
  }
}
