import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { SeftecElement } from '../core/element.ts';
import { ApiProblem, SignInNeeded, Unreachable } from '../core/problem.ts';
import { common } from '../core/styles.ts';
import { icon } from '../parts/icons.ts';
import { platformName } from '../parts/platform.ts';
import { looks, STATES } from '../planner/actions.ts';
import { type Key, words } from './words.ts';

interface Part {
  name: string;
  role: string;
  state: 'up' | 'not_ready' | 'unreachable';
  detail: string | null;
  replicas: number;
  replicas_up: number;
}

interface Status {
  checked_at: string;
  parts: Part[];
  outbox: { service: string; unsent: number | null; oldest_s: number | null }[];
  consumers: { service: string; topic: string | null; group: string | null; lag: number | null }[];
  dead_letters: { service: string; topic: string | null; depth: number | null }[];
  posts: { platform: string; status: string; posts: number | null }[];
  due: { due_now: number | null; oldest_due_s: number | null; unsettled: number | null };
}

const PACE_MS = 5_000;
const NUMBERS: ReadonlySet<Key> = new Set<Key>([
  'operator.unsent',
  'operator.oldest',
  'operator.lag',
  'operator.depth',
  'operator.count',
]);

/** The operator's page: how every part is, and what waits to be sent, read and published. */
@customElement('social-operator')
export class SocialOperator extends SeftecElement<Key> {
  static override styles = [
    common,
    css`
      .tables {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr));
        gap: 1rem;
        align-items: start;
      }
      .scroll {
        overflow-x: auto;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        margin-top: 0.5rem;
      }
      th,
      td {
        padding: 0.5rem 0.75rem 0.5rem 0;
        border-top: 1px solid var(--line);
        text-align: start;
        vertical-align: top;
      }
      thead th {
        border: 0;
        color: var(--muted);
        font-size: 0.875rem;
        font-weight: 500;
      }
      tbody th {
        font-weight: 600;
      }
      .number {
        text-align: end;
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
      }
      .bone {
        height: 18rem;
        border-radius: var(--radius);
      }
    `,
  ];

  @state() private status: Status | null = null;
  protected override readonly words = words;

  protected override pace(): number {
    return PACE_MS;
  }

  protected async load(signal: AbortSignal): Promise<void> {
    const token =
      typeof this.accessToken === 'function' ? await this.accessToken() : (this.accessToken ?? '');
    let answer: Response;
    try {
      answer = await fetch('/operator/status', { headers: { Authorization: `Bearer ${token}` }, signal });
    } catch (error) {
      throw signal.aborted ? error : new Unreachable({ cause: error });
    }
    if (answer.status === 401) throw new SignInNeeded();
    if (!answer.ok) throw ApiProblem.from(answer, await answer.json().catch(() => null));
    this.status = (await answer.json()) as Status;
  }

  protected skeleton(): TemplateResult {
    return html`<div class="tables">${[1, 2, 3, 4].map(() => html`<div class="bone"></div>`)}</div>`;
  }

  protected draw(): TemplateResult {
    const { status } = this;
    if (!status) return this.skeleton();
    const down = status.parts.filter(({ state }) => state !== 'up').length;
    const time = new Intl.DateTimeFormat(this.spokenLocale, { timeStyle: 'medium', timeZone: this.zone });
    return html`<div class="stack">
      <div class="row spread">
        <h2 aria-live="polite">
          ${down ? this.t('operator.some', { count: down }) : this.t('operator.all', { count: status.parts.length })}
        </h2>
        <p class="muted small">${this.t('operator.checked', { time: time.format(new Date(status.checked_at)) })}</p>
      </div>
      <div class="tables">
        <div class="stack">
          ${this.table(
            'operator.title',
            ['operator.part', 'operator.state'],
            status.parts.map((part) => this.row(part)),
          )}
          ${this.posts(status)}
          ${this.table(
            'operator.letters',
            ['operator.topic', 'operator.depth'],
            status.dead_letters.map(
              ({ service, topic, depth }) => html`<th scope="row">${dotted(topic ?? service)}</th>
                <td class="number">
                  ${depth ? html`<span class="badge warn">${icon('warning')}${this.number(depth)}</span>` : this.number(depth)}
                </td>`,
            ),
          )}
        </div>
        <div class="stack">
          ${this.due(status)}
          ${this.table(
            'operator.outbox',
            ['operator.service', 'operator.unsent', 'operator.oldest'],
            status.outbox.map(
              ({ service, unsent, oldest_s: oldest }) => html`<th scope="row">${service}</th>
                <td class="number">${this.number(unsent)}</td>
                <td class="number">${unsent === 0 ? '–' : this.seconds(oldest)}</td>`,
            ),
          )}
          ${this.table(
            'operator.consumers',
            ['operator.group', 'operator.lag'],
            // A group is called by its service, what it does and its topic.
            status.consumers.map(
              ({ service, group, lag }) => html`<th scope="row">${dotted(group ?? service)}</th>
                <td class="number">${this.number(lag)}</td>`,
            ),
          )}
        </div>
      </div>
    </div>`;
  }

  private due({ due }: Status): TemplateResult {
    return html`<section class="card stack" aria-label=${this.t('operator.due')}>
      <h3>${this.t('operator.due')}</h3>
      <p>
        ${this.t('operator.lateness', {
          due: due.due_now ?? this.t('operator.unknown'),
          oldest: due.due_now === 0 ? '–' : this.seconds(due.oldest_due_s),
        })}
        ${this.t('operator.unsettled', { count: due.unsettled ?? this.t('operator.unknown') })}
      </p>
    </section>`;
  }

  /** Every state that posts may stand in, with how many do and where. */
  private posts({ posts }: Status): TemplateResult {
    const rows = STATES.map((state) => {
      const there = posts.filter(({ status, posts: count }) => status === state && count);
      const sum = there.reduce((total, { posts: count }) => total + (count ?? 0), 0);
      const where = there.map(
        ({ platform, posts: count }) => `${platformName(platform)} ${this.number(count)}`,
      );
      const { icon: drawing, tone } = looks[state];
      const isTroubled = sum > 0 && (tone === 'bad' || tone === 'warn');
      return html`<th scope="row">
          <span class="badge ${isTroubled ? tone : ''}">${icon(drawing)}${this.t(`operator.posts.${state}`)}</span>
        </th>
        <td class="muted small">${where.join(' · ')}</td>
        <td class="number">${this.number(sum)}</td>`;
    });
    return this.table(
      'operator.posts',
      ['operator.state', 'operator.where', 'operator.count'],
      posts.length ? rows : [],
    );
  }

  private row({ name, role, state, detail, replicas, replicas_up: up }: Part): TemplateResult {
    const tone = state === 'up' ? 'good' : 'bad';
    return html`<th scope="row">${name} ${role === 'api' ? 'API' : role === 'worker' ? 'worker' : ''}</th>
      <td>
        <span class="badge ${tone}">${icon(state === 'up' ? 'check' : 'cross')}${this.t(`operator.state.${state}`)}</span>
        ${replicas > 1 ? html`<span class="muted small">${up}/${replicas}</span>` : nothing}
        ${detail ? html`<br /><span class="muted small">${detail}</span>` : nothing}
      </td>`;
  }

  private table(title: Key, columns: Key[], rows: TemplateResult[]): TemplateResult {
    return html`<section class="card" aria-label=${this.t(title)}>
      <h3>${this.t(title)}</h3>
      ${title === 'operator.posts' ? html`<p class="muted small">${this.t('operator.posts.age')}</p>` : nothing}
      ${
        rows.length
          ? html`<div class="scroll"><table aria-label=${this.t(title)}>
            <thead>
              <tr>${columns.map((column) => html`<th scope="col" class=${NUMBERS.has(column) ? 'number' : ''}>${this.t(column)}</th>`)}</tr>
            </thead>
            <tbody>${rows.map((row) => html`<tr>${row}</tr>`)}</tbody>
          </table></div>`
          : html`<p class="muted">${this.t(title === 'operator.posts' ? 'operator.unknown' : 'operator.nothing')}</p>`
      }
    </section>`;
  }

  private number(value: number | null): string {
    return value === null
      ? this.t('operator.unknown')
      : new Intl.NumberFormat(this.spokenLocale).format(value);
  }

  private seconds(value: number | null): string {
    return value === null
      ? this.t('operator.unknown')
      : this.t('operator.seconds', { count: Math.round(value) });
  }
}

/** A name of parts, which may be broken at its dots. */
function dotted(name: string): TemplateResult[] {
  return name.split(/(?<=\.)/).map((part) => html`${part}<wbr />`);
}
