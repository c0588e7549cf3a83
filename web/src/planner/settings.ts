import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { components } from '../api/generated/publisher.d.ts';
import { type Api, told } from '../core/api.ts';
import { common } from '../core/styles.ts';
import { modal } from '../parts/modal.ts';
import { common as commonWords } from '../parts/standing.ts';
import { reasonOf } from './changes.ts';
import { plannerStyles } from './styles.ts';
import type { Say } from './words.ts';

type Settings = components['schemas']['SettingsBody'];

const MOST_HOURS = 168;

/** How late posts may go out, and what happens in doubt. Tells `saved` and `closed`. */
@customElement('seftec-planner-settings')
export class SeftecPlannerSettings extends LitElement {
  static override styles = [common, ...plannerStyles];

  @property({ attribute: false }) api!: Api;
  @property({ attribute: false }) say!: Say;
  @property() language = 'en';

  @state() private settings: Settings | null = null;
  @state() private hours = '';
  @state() private trouble = '';
  @state() private wrong = '';
  @state() private busy = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.read();
  }

  private async read(): Promise<void> {
    try {
      this.settings = await told(this.api.publisher.GET('/v1/settings'));
      this.hours = String(this.settings.catch_up_hours);
    } catch {
      this.trouble = this.say('settingsFailed');
    }
  }

  private async save(): Promise<void> {
    if (!this.settings || this.busy) return;
    const hours = Number(this.hours);
    if (!Number.isInteger(hours) || hours < 1 || hours > MOST_HOURS) {
      this.wrong = this.say('catchUpWrong');
      this.renderRoot.querySelector<HTMLElement>('#hours')?.focus();
      return;
    }
    this.busy = true;
    this.trouble = '';
    try {
      await told(
        this.api.publisher.PUT('/v1/settings', { body: { ...this.settings, catch_up_hours: hours } }),
      );
      this.dispatchEvent(new CustomEvent('saved'));
    } catch (error) {
      this.trouble = reasonOf(error, this.say);
    } finally {
      this.busy = false;
    }
  }

  private close(): void {
    this.dispatchEvent(new CustomEvent('closed'));
  }

  private fields(settings: Settings): TemplateResult {
    const t = this.say;
    const doubt = (value: Settings['on_doubt'], label: string, hint: string) => html`<div class="choice">
      <input type="radio" name="doubt" id=${value} .checked=${settings.on_doubt === value} aria-describedby="${value}-hint"
        @change=${() => {
          this.settings = { ...settings, on_doubt: value };
        }} />
      <label for=${value}>${label}</label>
      <p class="hint" id="${value}-hint">${hint}</p>
    </div>`;
    return html`<div class="field">
        <label for="hours">${t('catchUp')}</label>
        <div class="row hours">
          <input id="hours" type="number" min="1" max=${MOST_HOURS} inputmode="numeric" .value=${this.hours}
            aria-invalid=${this.wrong ? 'true' : 'false'} aria-describedby="hours-unit hours-wrong hours-hint"
            @input=${(event: Event) => {
              this.hours = (event.target as HTMLInputElement).value;
              this.wrong = '';
            }} />
          <span id="hours-unit">${t('hours')}</span>
        </div>
        <p class="wrong" id="hours-wrong" role="alert">${this.wrong}</p>
        <p class="hint" id="hours-hint">${t('catchUpHint')}</p>
      </div>
      <fieldset class="stack">
        <legend>${t('onDoubt')}</legend>
        ${doubt('ask', t('ask'), t('askHint'))} ${doubt('resend', t('resend'), t('resendHint'))}
      </fieldset>`;
  }

  protected override render(): TemplateResult {
    const words = (key: 'cancel' | 'loading') => commonWords(this.language, key);
    const content = this.settings
      ? this.fields(this.settings)
      : html`<p aria-busy=${this.trouble ? 'false' : 'true'}>${this.trouble ? nothing : words('loading')}</p>`;
    return modal({
      title: this.say('settingsTitle'),
      content: html`<div class="stack">${content}
        ${this.trouble ? html`<p class="notice bad" role="alert"><span>${this.trouble}</span></p>` : nothing}</div>`,
      buttons: html`<button type="button" @click=${() => this.close()}>${words('cancel')}</button>
        <button type="button" class="primary" aria-disabled=${this.busy || !this.settings ? 'true' : nothing}
          @click=${() => void this.save()}>${this.say('save')}</button>`,
      closed: () => this.close(),
    });
  }
}
