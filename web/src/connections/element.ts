import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { newIdempotencyKey } from '../core/api.ts';
import { SeftecElement } from '../core/element.ts';
import { ApiProblem, mayPass, SignInNeeded } from '../core/problem.ts';
import { common } from '../core/styles.ts';
import { avatarStyles } from '../parts/avatar.ts';
import { inWords, refusedInWords } from '../parts/standing.ts';
import { addPlaces, beginLink, checkNow, completeLink, otherPlaces, unlink, waitingPosts } from './calls.ts';
import { type Choice, choosing } from './choosing.ts';
import {
  type Connection,
  isUsable,
  listConnections,
  listPlatforms,
  nameOf,
  type Place,
  type Platform,
  platformOf,
} from './data.ts';
import { linking } from './linking.ts';
import { type Notice, said } from './notice.ts';
import { place } from './place.ts';
import { consentPage, type Outcome, takeOutcome } from './returning.ts';
import { styles } from './styles.ts';
import { unlinking } from './unlinking.ts';
import { type Key, keyOr, words } from './words.ts';

/**
 * `<seftec-connections>`: links accounts on all platforms, shows how each place does, and brings back or unlinks it.
 *
 * Fires `seftec-linked` `{connections}` and `seftec-unlinked` `{connection_id}`.
 */
@customElement('seftec-connections')
export class SeftecConnections extends SeftecElement<Key> {
  static override styles = [common, ...avatarStyles, styles];

  /** The page that the platforms send people back to; this one where it is missing. */
  @property({ attribute: 'return-to' }) returnTo = '';

  @state() private connections: Connection[] = [];
  @state() private platforms: Platform[] = [];
  @state() private notice: Notice | null = null;
  @state() private choice: Choice | null = null;
  @state() private leaves: { connection: Connection; waiting: number | null } | null = null;
  /** What is on its way: a platform that is being opened, or a connection that something is done with. */
  @state() private busy = '';

  protected readonly words = words;
  /** How a consent ended, until it is said; the key makes of every try to complete it the same one. */
  private returned: { outcome: Outcome; key: string } | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    // Taken out of the address before anything else, so that neither a reload nor the way back repeats it.
    const taken = takeOutcome(location.href);
    if (taken) {
      this.returned = { outcome: taken.outcome, key: newIdempotencyKey() };
      history.replaceState(history.state, '', taken.rest);
    }
    window.addEventListener('pageshow', this.cameBack);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('pageshow', this.cameBack);
  }

  /** Whoever comes back from a platform by the browser's button finds every button working. */
  private readonly cameBack = (event: PageTransitionEvent): void => {
    if (!event.persisted) return;
    this.busy = '';
    this.live.now();
  };

  protected async load(signal: AbortSignal): Promise<void> {
    const [platforms, connections] = await Promise.all([
      this.platforms.length ? this.platforms : listPlatforms(this.api, signal),
      listConnections(this.api, signal),
    ]);
    this.platforms = platforms;
    this.connections = connections;
    const { returned } = this;
    this.returned = null;
    if (returned) void this.arrive(returned);
  }

  protected override forget(): void {
    this.connections = [];
    this.notice = null;
    this.choice = null;
    this.leaves = null;
  }

  private async arrive(returned: { outcome: Outcome; key: string }): Promise<void> {
    const { outcome, key } = returned;
    if (outcome.status === 'denied') this.notice = { tone: 'bad', text: this.t('denied') };
    else if (outcome.status === 'failed') {
      const error = this.t(keyOr(`error.${outcome.error}`, 'error.other'));
      this.notice = { tone: 'bad', text: this.t('failed', { error }) };
    } else {
      try {
        await this.complete(outcome.linkCode, key);
      } catch (error) {
        // The consent was given: the next look completes it, which the network's return brings at once.
        if (mayPass(error)) {
          this.returned = returned;
          const words = error instanceof SignInNeeded ? refusedInWords : inWords;
          this.notice = { tone: 'bad', text: words(error, this.spokenLocale) };
          this.tell('seftec-error', { error });
        } else this.refused(error, 'used');
      }
    }
  }

  private async complete(linkCode: string, key: string, platformIds?: string[]): Promise<void> {
    const answer = await completeLink(this.api, linkCode, key, platformIds);
    if ('choose' in answer) this.ask(linkCode, answer.choose);
    else this.welcome(answer.connections);
  }

  private async choose(linkCode: string, key: string, platformIds: string[]): Promise<void> {
    if (this.choice) this.choice = { ...this.choice, busy: true, wrong: '' };
    try {
      await this.complete(linkCode, key, platformIds);
    } catch (error) {
      this.refused(error, 'used');
    }
  }

  private ask(linkCode: string, places: Place[]): void {
    this.notice = null;
    const key = newIdempotencyKey();
    const usable = places.filter(({ usable }) => usable);
    this.choice = {
      title: this.t('choose'),
      platform: platformOf(places, this.platforms),
      places,
      chosen: new Set(usable.length === 1 ? [usable[0]!.platform_id] : []),
      wrong: '',
      busy: false,
      take: (ids) => void this.choose(linkCode, key, ids),
    };
  }

  private welcome(connections: Connection[]): void {
    this.choice = null;
    const names = new Intl.ListFormat(this.spokenLocale).format(connections.map(nameOf));
    this.notice = { tone: '', text: this.t('linked', { names, count: connections.length }) };
    this.tell('seftec-linked', { connections });
    this.live.changed();
  }

  /** Says why something was not done; `gone` where what is not there any more has words of its own. */
  private refused(error: unknown, gone?: Key): void {
    const isGone = error instanceof ApiProblem && error.status === 404;
    const text = gone && isGone ? this.t(gone) : refusedInWords(error, this.spokenLocale);
    if (this.choice) this.choice = { ...this.choice, busy: false, wrong: text };
    else this.notice = { tone: 'bad', text };
    this.tell('seftec-error', { error });
  }

  private async link(
    platform: string,
    options: { kind?: string; connection?: Connection } = {},
  ): Promise<void> {
    if (this.busy) return;
    this.busy = options.connection?.id ?? `${platform} ${options.kind ?? ''}`;
    this.notice = null;
    try {
      const address = await beginLink(this.api, platform, {
        returnTo: this.returnTo || location.href,
        kind: options.kind,
        connectionId: options.connection?.id,
      });
      location.assign(consentPage(address));
    } catch (error) {
      this.busy = '';
      this.refused(error);
    }
  }

  private async check(connection: Connection): Promise<void> {
    await this.during(connection, async () => {
      await checkNow(this.api, connection);
      this.notice = { tone: '', text: this.t('checkedNow', { name: nameOf(connection) }) };
      this.live.changed();
    });
  }

  private async more(connection: Connection): Promise<void> {
    await this.during(connection, async () => {
      const siblings = await otherPlaces(this.api, connection);
      const key = newIdempotencyKey();
      this.choice = {
        title: this.t('chooseMore'),
        platform: connection.platform,
        places: siblings,
        chosen: new Set(),
        wrong: '',
        busy: false,
        take: (ids) => void this.add(connection, key, ids),
      };
    });
  }

  private async add(connection: Connection, key: string, platformIds: string[]): Promise<void> {
    if (this.choice) this.choice = { ...this.choice, busy: true, wrong: '' };
    try {
      this.welcome(await addPlaces(this.api, connection, key, platformIds));
    } catch (error) {
      this.refused(error);
    }
  }

  private async askToLeave(connection: Connection): Promise<void> {
    this.leaves = { connection, waiting: null };
    try {
      const waiting = await waitingPosts(this.api, connection);
      if (this.leaves?.connection.id === connection.id) this.leaves = { connection, waiting };
    } catch {
      // The dialog then speaks of waiting posts without their number.
    }
  }

  private async unlink(connection: Connection): Promise<void> {
    this.leaves = null;
    await this.during(connection, async () => {
      await unlink(this.api, connection);
      this.notice = { tone: '', text: this.t('unlinked', { name: nameOf(connection) }) };
      this.tell('seftec-unlinked', { connection_id: connection.id });
      this.live.changed();
      await this.updateComplete;
      this.renderRoot.querySelector<HTMLElement>('#title')?.focus();
    });
  }

  private async during(connection: Connection, work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = connection.id;
    this.notice = null;
    try {
      await work();
    } catch (error) {
      this.refused(error);
    } finally {
      this.busy = '';
    }
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (changed.has('notice') && this.notice)
      this.renderRoot.querySelector('.said')?.scrollIntoView({ block: 'nearest' });
  }

  private readonly date = (iso: string): string =>
    new Intl.DateTimeFormat(this.spokenLocale, {
      dateStyle: 'medium',
      timeStyle: 'short',
      timeZone: this.zone,
    }).format(new Date(iso));

  protected skeleton(): TemplateResult {
    return html`<div class="stack">${[1, 2, 3].map(() => html`<div class="bone bone-card"></div>`)}</div>`;
  }

  protected draw(): TemplateResult {
    const t = this.t.bind(this);
    const count = this.connections.filter(isUsable).length;
    return html`<div class="stack">
      ${said(this.notice, t, () => {
        this.notice = null;
      })}
      <section class="stack" aria-labelledby="title">
        <div class="row spread">
          <h2 id="title" tabindex="-1">${t('title')}</h2>
          ${count ? html`<p class="muted small">${t('count', { count })}</p>` : nothing}
        </div>
        ${
          this.connections.length
            ? html`<ul class="places">
              ${this.connections.map((connection) =>
                place(connection, t, this.date, this.busy === connection.id, {
                  reconnect: () => void this.link(connection.platform, { connection }),
                  check: () => void this.check(connection),
                  more: () => void this.more(connection),
                  unlink: () => void this.askToLeave(connection),
                }),
              )}
            </ul>`
            : html`<p class="card"><b>${t('empty')}</b> ${t('emptyNext')}</p>`
        }
      </section>
      ${linking(this.platforms, this.busy, t, (platform, kind) => void this.link(platform, kind ? { kind } : {}))}
      ${
        this.choice
          ? choosing(this.choice, t, this.spokenLocale, (choice) => {
              this.choice = choice;
            })
          : nothing
      }
      ${
        this.leaves
          ? unlinking(this.leaves.connection, this.leaves.waiting, t, this.spokenLocale, {
              leave: () => {
                this.leaves = null;
              },
              unlink: (connection) => void this.unlink(connection),
            })
          : nothing
      }
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'seftec-connections': SeftecConnections;
  }
}
