import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type Api, told } from '../core/api.ts';
import { now } from '../core/clock.ts';
import { common } from '../core/styles.ts';
import { wallTime } from '../core/time.ts';
import { modal } from '../parts/modal.ts';
import { platformName, platformStyles } from '../parts/platform.ts';
import { common as commonWords } from '../parts/standing.ts';
import type { Action } from './actions.ts';
import { type Asking, actionButtons, questionOf, questionText, yesOf } from './asking.ts';
import type { Changes, Note } from './changes.ts';
import { facts } from './facts.ts';
import { type Post, shownAt } from './grouping.ts';
import { type Attempt, history } from './history.ts';
import { type Moment, momentField } from './moment.ts';
import { landingOf } from './moves.ts';
import { noteOf } from './note.ts';
import { plannerStyles } from './styles.ts';
import type { Times } from './times.ts';
import type { Say } from './words.ts';

/** One post in a dialog: all of it, what became of it, and what can be done. Tells `closed` and `noted`. */
@customElement('seftec-planner-post')
export class SeftecPlannerPost extends LitElement {
  static override styles = [common, platformStyles, ...plannerStyles];

  /** Undefined while it is read, null where there is none. */
  @property({ attribute: false }) post: Post | null | undefined;
  @property() place = '';
  @property({ attribute: false }) say!: Say;
  @property({ attribute: false }) times!: Times;
  @property({ attribute: false }) api!: Api;
  @property({ attribute: false }) changes!: Changes;
  @property({ attribute: false }) note: Note | null = null;
  /** A change waits for its answer. */
  @property({ type: Boolean }) waiting = false;

  @state() private attempts: readonly Attempt[] | 'reading' | 'failed' = 'reading';
  @state() private asking: Asking = 'nothing';
  @state() private moment: Moment = { wall: '', second: false };
  /** What a field is told wrong. */
  @state() private wrong = '';
  @state() private permalink = '';
  private readFor = '';

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('post')) return;
    const before = changed.get('post');
    // What was asked about another state of the post is no question any more.
    if (before && before.status !== this.post?.status) this.asking = 'nothing';
    const wanted = this.post ? `${this.post.id} ${this.post.revision} ${this.post.attempts}` : '';
    if (!wanted || wanted === this.readFor) return;
    this.readFor = wanted;
    void this.readAttempts(this.post!.id, wanted);
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (!changed.has('asking') || changed.get('asking') === undefined) return;
    this.renderRoot.querySelector<HTMLElement>('[data-first]')?.focus();
  }

  private async readAttempts(id: string, wanted: string): Promise<void> {
    let read: typeof this.attempts = 'failed';
    try {
      const params = { path: { post_id: id } };
      read = (await told(this.api.publisher.GET('/v1/posts/{post_id}/attempts', { params }))).attempts;
    } catch {
      // The post is shown without its history; the planner's own look tells what is wrong with the connection.
    }
    if (wanted === this.readFor) this.attempts = read;
  }

  private tell(name: 'closed' | 'noted'): void {
    this.dispatchEvent(new CustomEvent(name));
  }

  private ask(what: Asking): void {
    this.wrong = '';
    this.permalink = '';
    if (what === 'move' && this.post) {
      const at = shownAt(this.post);
      const soon = new Date(now().getTime() + 60 * 60_000);
      this.moment = { wall: wallTime(at && at > now() ? at : soon, this.times.zone), second: false };
    }
    this.asking = what;
  }

  private choose(action: Action): void {
    const { post } = this;
    if (!post) return;
    const question = questionOf(action);
    if (question) this.ask(question);
    else if (action === 'unschedule') void this.changes.unschedule(post);
    else if (action === 'retry') void this.retry(post, false);
    else if (action === 'edit') {
      const event = new CustomEvent('seftec-edit-post', { detail: { post }, bubbles: true, composed: true });
      this.dispatchEvent(event);
    }
  }

  private async retry(post: Post, confirmed: boolean): Promise<void> {
    const answer = await this.changes.retry(post, confirmed);
    if (answer === 'ask') this.ask('duplicate');
    else this.asking = 'nothing';
  }

  private yes(): void {
    const { post, asking, permalink } = this;
    if (!post || this.waiting) return;
    if (asking === 'found' && permalink && !/^https?:\/\/\S+$/.test(permalink)) {
      this.wrong = this.say('addressWrong');
      return;
    }
    switch (asking) {
      case 'move':
        this.move(post);
        return;
      case 'publish':
        void this.changes.publish(post);
        break;
      case 'found':
        void this.changes.resolve(post, 'published', permalink);
        break;
      case 'notFound':
        void this.changes.resolve(post, 'not_published', '');
        break;
      case 'duplicate':
        void this.retry(post, true);
        return;
      case 'remove':
      case 'hide':
        // The post disappears: what comes of it is told by the planner.
        this.tell('closed');
        void this.changes.remove(post);
        return;
      case 'cancel':
        void this.changes.remove(post);
        break;
    }
    this.asking = 'nothing';
  }

  private move(post: Post): void {
    const { wall, second } = this.moment;
    const landing = landingOf(wall, this.times.zone, now());
    if (!landing) this.wrong = this.say('newTimeWrong');
    else if (landing.past) this.wrong = this.say('past', { time: this.times.full(landing.at) });
    else {
      if (second && landing.later) void this.changes.moveTo(post, landing.later);
      else void this.changes.move(post, wall, landing.later ? { ...landing, later: null } : landing);
      this.asking = 'nothing';
    }
  }

  private question(post: Post): TemplateResult {
    const { asking, say } = this;
    if (asking === 'move') {
      return momentField(this.moment, this.wrong, say, this.times, (moment) => {
        this.moment = moment;
        this.wrong = '';
      });
    }
    if (asking === 'nothing') return html`${facts(post, this.place, say, this.times)}`;
    const input = (event: Event) => {
      this.permalink = (event.target as HTMLInputElement).value.trim();
      this.wrong = '';
    };
    return html`<p>${questionText(asking, post, this.place, say)}</p>
      ${
        asking === 'found'
          ? html`<div class="field">
              <label for="permalink">${say('address')}</label>
              <input id="permalink" type="url" inputmode="url" maxlength="2048" .value=${this.permalink} @input=${input}
                aria-invalid=${this.wrong ? 'true' : 'false'} aria-describedby="permalink-wrong" />
              <p class="wrong" id="permalink-wrong" role="alert">${this.wrong}</p>
            </div>`
          : nothing
      }`;
  }

  private buttons(post: Post | null | undefined): TemplateResult {
    const { asking, say: t } = this;
    if (asking === 'nothing' || !post) {
      const ask = (what: Asking) => this.ask(what);
      const close = commonWords(this.times.locale, 'close');
      return html`<button type="button" data-first @click=${() => this.tell('closed')}>${close}</button>
        ${post ? actionButtons(post, t, { busy: this.waiting, chosen: (action) => this.choose(action), ask }) : nothing}`;
    }
    const kind = ['cancel', 'remove', 'hide', 'duplicate'].includes(asking) ? 'danger' : 'primary';
    return html`<button type="button" data-first @click=${() => this.ask('nothing')}>${t('goBack')}</button>
      <button type="button" class=${kind} aria-disabled=${this.waiting ? 'true' : nothing} @click=${() => this.yes()}>
        ${asking === 'move' ? t(post.status === 'draft' ? 'act_schedule' : 'act_move') : yesOf(asking, t)}
      </button>`;
  }

  protected override render(): TemplateResult {
    const { post, say: t } = this;
    const title = post
      ? t('postOn', { place: platformName(post.platform) })
      : t(post === null ? 'gone' : 'loadingPost');
    const busy = post?.status === 'unknown' ? t('busyRetry') : t('busy');
    const content = post
      ? html`${this.question(post)}
          ${this.asking === 'nothing' ? history(this.attempts, t, this.times) : nothing}`
      : html`<p>${post === null ? t('goneText') : nothing}</p>`;
    return modal({
      title,
      content: html`<div class="stack detail">${content}
        ${this.waiting ? html`<p class="hint" role="status">${busy}</p>` : nothing}
        ${noteOf(this.note, t, () => this.tell('noted'))}</div>`,
      buttons: this.buttons(post),
      closed: () => (this.asking === 'nothing' ? this.tell('closed') : this.ask('nothing')),
    });
  }
}
