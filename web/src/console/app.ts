import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { dropStrayClick } from '../core/clicks.ts';
import { lookAgain } from '../core/live.ts';
import { say } from '../core/messages.ts';
import { SignInNeeded, Unreachable } from '../core/problem.ts';
import { common } from '../core/styles.ts';
import { zoneLabel } from '../core/time.ts';
import { icon } from '../parts/icons.ts';
import { inWords } from '../parts/standing.ts';
import { Address } from './address.ts';
import { pageOf } from './pages.ts';
import { keepPreferences, type Preferences, readPreferences, zones } from './preferences.ts';
import { ROUTES, type Route, routeOf } from './routes.ts';
import { Session } from './session.ts';
import { shell } from './styles.ts';
import { type Key, type Say, words } from './words.ts';
import './sign-in.ts';

/** The console: signs a merchant in and shows every element as one application, with an address for each view. */
@customElement('social-console')
export class SocialConsole extends LitElement {
  static override styles = [common, shell];

  @state() private phase: 'starting' | 'in' | 'out' = 'starting';
  @state() private trouble: unknown = null;
  @state() private allowsSignUp = false;
  @state() private route: Route = routeOf(location.pathname);
  /** The page whose code has come. */
  @state() private ready: Route | null = null;
  @state() private preferences: Preferences = readPreferences();
  @state() private otherWords: Record<string, unknown> = {};
  /** Whose pages are shown; they stay, unseen, while the same person signs in again. */
  private shownTo: string | null = null;
  private isLeaving = false;

  readonly session = new Session(() => this.sessionChanged());
  readonly address = new Address(() => this.moved());

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('click', dropStrayClick, { capture: true });
    this.addEventListener('seftec-error', ({ detail }) => {
      if (detail.error instanceof SignInNeeded) this.session.doubt();
    });
    void this.speak();
    void this.start();
  }

  private readonly start = async (): Promise<void> => {
    this.trouble = null;
    try {
      const [config] = await Promise.all([
        readConfig(),
        this.session.token().catch((error: unknown) => {
          if (!(error instanceof SignInNeeded)) throw error;
        }),
      ]);
      this.allowsSignUp = config.sign_up;
      if (!this.session.user) this.phase = 'out';
    } catch (error) {
      this.trouble = error;
    }
  };

  private sessionChanged(): void {
    const { user } = this.session;
    if (user) {
      if (this.shownTo !== user.id) this.ready = null;
      this.shownTo = user.id;
      // What stayed, unseen, while somebody signed in again has something to load now.
      if (this.phase === 'out') lookAgain();
      this.phase = 'in';
      void this.open();
    } else if (this.phase === 'in') this.phase = 'out';
    this.requestUpdate();
  }

  private moved(): void {
    this.route = routeOf(location.pathname);
    void this.open();
    this.requestUpdate();
  }

  private async open(): Promise<void> {
    const { route } = this;
    this.entitle();
    if (this.phase !== 'in' || this.ready === route) return;
    try {
      await route.load();
      if (this.route === route) this.ready = route;
    } catch (error) {
      this.trouble = error;
    }
  }

  private get heading(): string {
    const { title, titleOfPost = title } = this.route;
    return this.t(this.address.get('post') ? titleOfPost : title);
  }

  private entitle(): void {
    document.title = `${this.heading} · ${this.t('brand')}`;
  }

  private readonly t: Say = (key, values = {}) => {
    const spoken = this.preferences.language === 'en' ? words.en : this.otherWords;
    return say(
      (spoken[key] as (typeof words.en)[Key] | undefined) ?? words.en[key],
      values,
      this.preferences.language,
    );
  };

  private async speak(): Promise<void> {
    const { language } = this.preferences;
    document.documentElement.lang = language;
    this.otherWords = language === 'en' ? {} : (await words.others[language]()).default;
    this.entitle();
  }

  private prefer(change: Partial<Preferences>): void {
    this.preferences = { ...this.preferences, ...change };
    keepPreferences(this.preferences);
    void this.speak();
  }

  private readonly go = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    this.address.go((event.currentTarget as HTMLAnchorElement).pathname);
    this.renderRoot.querySelector<HTMLElement>('h1')?.focus();
  };

  /** A link cannot lead to a place inside a shadow root. */
  private readonly skip = (): void => this.renderRoot.querySelector('main')?.focus();

  private readonly leave = async (): Promise<void> => {
    if (this.isLeaving) return;
    this.isLeaving = true;
    try {
      await this.session.leave();
      this.shownTo = null;
      this.ready = null;
    } catch (error) {
      this.trouble = error;
    } finally {
      this.isLeaving = false;
    }
  };

  protected override render(): TemplateResult {
    return html`
      <header>
        <button type="button" class="skip" @click=${this.skip}>${this.t('skip')}</button>
        <p class="brand">${this.t('brand')}</p>
        ${this.phase === 'in' ? this.navigation() : nothing}
      </header>
      <main tabindex="-1">
        ${this.trouble ? this.troubled() : nothing}
        ${
          this.phase === 'out'
            ? html`<h1>${this.t('brand')}</h1>
              <social-sign-in
                .session=${this.session}
                .t=${this.t}
                .allowsSignUp=${this.allowsSignUp}
                .again=${this.shownTo !== null}
                .locale=${this.preferences.language}
              ></social-sign-in>`
            : nothing
        }
        ${this.shownTo ? html`<div ?hidden=${this.phase !== 'in'}>${this.page()}</div>` : nothing}
      </main>
      ${this.footer()}
    `;
  }

  private navigation(): TemplateResult {
    const routes = ROUTES.filter(({ forOperators }) => !forOperators || this.session.user?.is_operator);
    return html`<nav aria-label=${this.t('pages')}>
      ${routes.map(
        (
          route,
        ) => html`<a href=${route.path} aria-current=${route === this.route ? 'page' : nothing} @click=${this.go}>
          ${icon(route.icon)}<span>${this.t(route.title)}</span>
        </a>`,
      )}
    </nav>`;
  }

  private page(): TemplateResult {
    const { route } = this;
    const isAllowed = !route.forOperators || this.session.user?.is_operator;
    return html`<h1 tabindex="-1">${this.heading}</h1>
      ${
        isAllowed
          ? this.ready === route
            ? keyed(
                this.address.steps,
                pageOf(route, {
                  address: this.address,
                  accessToken: this.session.token,
                  t: this.t,
                  preferences: this.preferences,
                }),
              )
            : html`<div class="bone page-bone" aria-busy="true"></div>`
          : html`<p class="notice warn"><span>${this.t('notForYou')}</span></p>`
      }`;
  }

  private troubled(): TemplateResult {
    return html`<div class="notice bad" role="alert">
      <p>${inWords(this.trouble, this.preferences.language)}</p>
      <button type="button" @click=${this.start}>${this.t('tryAgain')}</button>
    </div>`;
  }

  private footer(): TemplateResult {
    const { language, zone } = this.preferences;
    const now = new Date();
    return html`<footer>
      <label>
        ${this.t('language')}
        <select @change=${(event: Event) => this.prefer({ language: value(event) as Preferences['language'] })}>
          ${(['en', 'de'] as const).map(
            (one) =>
              html`<option value=${one} ?selected=${one === language}>${this.t(`lang.${one}`)}</option>`,
          )}
        </select>
      </label>
      <label>
        ${this.t('zone')}
        <select @change=${(event: Event) => this.prefer({ zone: value(event) })}>
          ${zones(zone).map(
            (one) =>
              html`<option value=${one} ?selected=${one === zone}>${one === zone ? zoneLabel(one, now, language) : one.replaceAll('_', ' ')}</option>`,
          )}
        </select>
      </label>
      ${
        this.session.user
          ? html`<span class="who">
            <span class="muted small">${this.t('signedInAs', { email: this.session.user.email })}</span>
            <button type="button" @click=${this.leave}>${this.t('signOut')}</button>
          </span>`
          : nothing
      }
    </footer>`;
  }
}

async function readConfig(): Promise<{ sign_up: boolean }> {
  try {
    return (await (await fetch('/config.json')).json()) as { sign_up: boolean };
  } catch (error) {
    throw new Unreachable({ cause: error });
  }
}

function value(event: Event): string {
  return (event.target as HTMLSelectElement).value;
}

declare global {
  interface HTMLElementEventMap {
    'seftec-error': CustomEvent<{ error: unknown }>;
  }
}
