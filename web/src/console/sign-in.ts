import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { ApiProblem } from '../core/problem.ts';
import { common } from '../core/styles.ts';
import { refusedInWords } from '../parts/standing.ts';
import type { Session } from './session.ts';
import type { Say } from './words.ts';

/** Asks who it is; the session tells its owner when somebody is. */
@customElement('social-sign-in')
export class SocialSignIn extends LitElement {
  static override styles = [
    common,
    css`
      form {
        max-width: 26rem;
        margin: 0 auto;
      }
      button.primary {
        width: 100%;
      }
    `,
  ];

  @property({ attribute: false }) session!: Session;
  @property({ attribute: false }) t!: Say;
  @property({ type: Boolean }) allowsSignUp = false;
  /** Whether somebody was signed in here just now. */
  @property({ type: Boolean }) again = false;
  @property() locale = 'en';

  @state() private signsUp = false;
  @state() private busy = false;
  @state() private told: { text: string; isBad: boolean } | null = null;

  private readonly enter = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (this.busy) return;
    const form = new FormData(event.target as HTMLFormElement);
    this.busy = true;
    this.told = null;
    try {
      const isIn = await this.session.enter(
        String(form.get('email')),
        String(form.get('password')),
        this.signsUp,
      );
      if (!isIn) this.told = { text: this.t('confirm'), isBad: false };
    } catch (error) {
      const fields = error instanceof ApiProblem ? error.fields.map(({ detail }) => detail) : [];
      this.told = {
        text: fields.length ? fields.join(' ') : refusedInWords(error, this.locale),
        isBad: true,
      };
    } finally {
      this.busy = false;
    }
  };

  protected override render(): TemplateResult {
    const { t } = this;
    return html`<form class="card stack" @submit=${this.enter} aria-labelledby="title">
      <h2 id="title">${t(this.signsUp ? 'signUp' : 'signIn')}</h2>
      <p class="muted">${t(this.again ? 'again' : 'signInLead')}</p>
      <div class="field">
        <label for="email">${t('email')}</label>
        <input id="email" name="email" type="email" autocomplete="username" required maxlength="320" />
      </div>
      <div class="field">
        <label for="password">${t('password')}</label>
        <input
          id="password"
          name="password"
          type="password"
          required
          maxlength="1000"
          autocomplete=${this.signsUp ? 'new-password' : 'current-password'}
          minlength=${this.signsUp ? 8 : nothing}
          aria-describedby=${this.signsUp ? 'hint' : nothing}
        />
        ${this.signsUp ? html`<p class="hint" id="hint">${t('passwordHint')}</p>` : nothing}
      </div>
      <div role="alert">
        ${this.told ? html`<p class="notice ${this.told.isBad ? 'bad' : ''}"><span>${this.told.text}</span></p>` : nothing}
      </div>
      <button class="primary" aria-disabled=${this.busy}>
        ${this.busy ? t('working') : t(this.signsUp ? 'signUp' : 'signIn')}
      </button>
      ${
        this.allowsSignUp
          ? html`<p class="row">
            <span class="muted">${t(this.signsUp ? 'haveAccount' : 'noAccount')}</span>
            <button type="button" class="plain" @click=${this.turn}>${t(this.signsUp ? 'signIn' : 'signUp')}</button>
          </p>`
          : nothing
      }
    </form>`;
  }

  private readonly turn = (): void => {
    this.signsUp = !this.signsUp;
    this.told = null;
  };
}
