import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { AccessToken } from '../core/api.ts';
import { common } from '../core/styles.ts';
import type { Key, Say } from './words.ts';
import '../share/element.ts';

interface Field {
  name: string;
  type: 'text' | 'url' | 'number' | 'area';
  attributes: { required: boolean; maxlength: number; pattern?: string };
}

const FIELDS: Field[] = [
  { name: 'id', type: 'text', attributes: { required: true, maxlength: 255 } },
  { name: 'title', type: 'text', attributes: { required: true, maxlength: 500 } },
  { name: 'description', type: 'area', attributes: { required: false, maxlength: 20_000 } },
  { name: 'price', type: 'number', attributes: { required: true, maxlength: 20 } },
  { name: 'currency', type: 'text', attributes: { required: true, maxlength: 3, pattern: '[A-Za-z]{3}' } },
  { name: 'url', type: 'url', attributes: { required: true, maxlength: 2048 } },
  { name: 'image_url', type: 'url', attributes: { required: true, maxlength: 2048 } },
  { name: 'video_url', type: 'url', attributes: { required: false, maxlength: 2048 } },
];

/** A product by hand, for the share element that a shop would give its product itself. */
@customElement('social-share-page')
export class SocialSharePage extends LitElement {
  static override styles = [
    common,
    css`
      form {
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr));
        align-items: end;
      }
      form > :first-child,
      form > :last-child,
      .wide {
        grid-column: 1 / -1;
      }
    `,
  ];

  @property({ attribute: false }) accessToken!: AccessToken;
  @property({ attribute: false }) t!: Say;
  @property() locale = '';
  @property() zone = '';
  @state() private product: Record<string, FormDataEntryValue | null> | null = null;

  private readonly show = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    this.product = Object.fromEntries(
      FIELDS.map(({ name }) => [name, form.get(name) || (name === 'video_url' ? null : '')]),
    );
  };

  protected override render(): TemplateResult {
    return html`<div class="stack">
      <form class="card stack" @submit=${this.show} aria-labelledby="about">
        <div>
          <h2 id="about">${this.t('productTitle')}</h2>
          <p class="muted">${this.t('productLead')}</p>
        </div>
        ${FIELDS.map((field) => this.field(field))}
        <div><button class=${this.product ? '' : 'primary'}>${this.t('product.show')}</button></div>
      </form>
      ${
        this.product
          ? html`<seftec-share
            .accessToken=${this.accessToken}
            .product=${this.product}
            locale=${this.locale}
            time-zone=${this.zone}
          ></seftec-share>`
          : nothing
      }
    </div>`;
  }

  private field({ name, type, attributes }: Field): TemplateResult {
    const { required, maxlength, pattern } = attributes;
    return html`<div class="field ${type === 'area' ? 'wide' : ''}">
      <label for=${name}>${this.t(`product.${name}` as Key)}</label>
      ${
        type === 'area'
          ? html`<textarea id=${name} name=${name} rows="3" maxlength=${maxlength}></textarea>`
          : html`<input
            id=${name}
            name=${name}
            type=${type}
            ?required=${required}
            maxlength=${type === 'number' ? nothing : maxlength}
            min=${type === 'number' ? 0 : nothing}
            step=${type === 'number' ? 'any' : nothing}
            pattern=${pattern ?? nothing}
          />`
      }
    </div>`;
  }
}
