import { type CSSResultGroup, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { standing } from '../parts/standing.ts';
import { type AccessToken, type Api, createApi, userOf } from './api.ts';
import { dropStrayClick } from './clicks.ts';
import { Live } from './live.ts';
import { knownLocale, type Language, languageOf, type Messages, say, type Values } from './messages.ts';
import { ApiProblem, SignInNeeded, Unreachable } from './problem.ts';
import { common } from './styles.ts';
import { zoneOf } from './time.ts';

/** How a view stands: before its first data, with data, or without any and why. */
export type Standing = 'waiting' | 'loading' | 'ready' | 'failed' | 'offline' | 'signed-out';

/** The words of a feature: English at hand, the others brought when asked for. */
export interface Words<Key extends string> {
  en: Record<Key, Messages[string]>;
  others: Record<Exclude<Language, 'en'>, () => Promise<{ default: Messages }>>;
}

/** How often a view looks again when nothing is on its way. */
export const CALM_MS = 30_000;
/** How often it looks again while something that it shows is on its way. */
export const LIVELY_MS = 2_500;
/** A view that takes longer than this says so. */
const SLOW_MS = 4_000;

/**
 * What all elements of this package share: where the APIs are, the page's token, language and time zone, and a view
 * that loads, stays fresh, and says in words when it cannot.
 */
export abstract class SeftecElement<Key extends string> extends LitElement {
  static override styles: CSSResultGroup = common;

  /** One origin that serves all three APIs under /linker, /publisher and /analytics. */
  @property({ attribute: 'base-url' }) baseUrl = '';
  @property({ attribute: 'linker-url' }) linkerUrl = '';
  @property({ attribute: 'publisher-url' }) publisherUrl = '';
  @property({ attribute: 'analytics-url' }) analyticsUrl = '';
  /** A BCP 47 language tag; the page's language where it is missing. */
  @property() locale = '';
  /** An IANA time zone; the browser's own where it is missing. */
  @property({ attribute: 'time-zone' }) timeZone = '';
  /** The merchant's access token, or an async function that returns one. Never kept in storage. */
  @property({ attribute: false }) accessToken: AccessToken | undefined;

  @state() protected standing: Standing = 'waiting';
  /** What went wrong with the newest look; data that came before it stays shown. */
  @state() protected trouble: unknown = null;
  @state() protected slow = false;
  @state() private otherWords: Messages | undefined;

  protected readonly live = new Live(
    this,
    () => this.look(),
    () => this.pace(),
    () => (this.trouble instanceof ApiProblem ? 1000 * (this.trouble.retryAfter ?? 0) : 0),
  );
  protected abstract readonly words: Words<Key>;
  private apiNow: Api | undefined;
  private leaving = new AbortController();
  private user: string | null = null;

  /** Brings everything the view shows; called again whenever something may have changed. */
  protected abstract load(signal: AbortSignal): Promise<void>;
  /** The view, once `load` has brought its data. */
  protected abstract draw(): TemplateResult;
  /** The shape of the view before its data, as high as the view, so that nothing jumps when they arrive. */
  protected abstract skeleton(): TemplateResult;

  /** Drops what somebody did here: the page's token has come to be another merchant's. */
  protected forget(): void {}

  /** Milliseconds until the next look. */
  protected pace(): number | null {
    return CALM_MS;
  }

  protected get api(): Api {
    this.apiNow ??= createApi(this.addresses, this.accessToken ?? '', (user) => this.meet(user));
    return this.apiNow;
  }

  private get addresses() {
    const base = this.baseUrl.replace(/\/$/, '');
    return {
      linker: this.linkerUrl || `${base}/linker`,
      publisher: this.publisherUrl || `${base}/publisher`,
      analytics: this.analyticsUrl || `${base}/analytics`,
    };
  }

  /** The locale that dates and numbers are written in. */
  protected get spokenLocale(): string {
    const asked = this.locale || this.closest('[lang]')?.getAttribute('lang') || navigator.language;
    return knownLocale(asked);
  }

  /** The time zone that times are shown and entered in. */
  protected get zone(): string {
    return zoneOf(this.timeZone);
  }

  /** A sentence of this feature, in the element's language. */
  protected t(key: Key, values: Values = {}): string {
    return say(this.otherWords?.[key] ?? this.words.en[key], values, this.spokenLocale);
  }

  constructor() {
    super();
    this.addEventListener('click', dropStrayClick, { capture: true });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.leaving.signal.aborted) this.leaving = new AbortController();
    if (this.hasUpdated) this.live.now();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leaving.abort();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.hasUpdated || changed.has('locale')) void this.bringWords();
    const where = ['baseUrl', 'linkerUrl', 'publisherUrl', 'analyticsUrl', 'accessToken'] as const;
    if (!where.some((name) => changed.has(name))) return;
    this.apiNow = undefined;
    this.leaving.abort();
    this.leaving = new AbortController();
    const user = typeof this.accessToken === 'string' ? userOf(this.accessToken) : null;
    if (user) this.meet(user);
    if (this.accessToken) this.live.now();
    else if (this.hasUpdated) this.standing = 'signed-out';
  }

  private meet(user: string): void {
    const isOther = this.user !== null && this.user !== user;
    this.user = user;
    if (!isOther) return;
    this.standing = 'loading';
    this.trouble = null;
    this.forget();
  }

  private async bringWords(): Promise<void> {
    const language = languageOf(this.spokenLocale);
    this.otherWords = language === 'en' ? undefined : (await this.words.others[language]()).default;
  }

  private async look(): Promise<boolean> {
    if (!this.accessToken || !this.isConnected) return true;
    const { signal } = this.leaving;
    if (this.standing !== 'ready') this.standing = 'loading';
    const timer = setTimeout(() => {
      this.slow = true;
    }, SLOW_MS);
    try {
      await this.load(signal);
      this.standing = 'ready';
      this.trouble = null;
      return true;
    } catch (error) {
      if (!signal.aborted) this.failed(error);
      return signal.aborted;
    } finally {
      clearTimeout(timer);
      this.slow = false;
    }
  }

  private failed(error: unknown): void {
    this.trouble = error;
    if (error instanceof SignInNeeded) this.standing = 'signed-out';
    else if (this.standing !== 'ready') this.standing = error instanceof Unreachable ? 'offline' : 'failed';
    this.tell('seftec-error', { error });
  }

  /** Tells the page, past every shadow root, what happened. */
  protected tell(name: string, detail: object = {}): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  protected override render(): TemplateResult {
    return standing(
      {
        standing: this.standing,
        trouble: this.trouble,
        slow: this.slow,
        locale: this.spokenLocale,
        retry: this.live.now,
      },
      () => this.skeleton(),
      () => this.draw(),
    );
  }
}
