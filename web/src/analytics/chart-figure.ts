import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { common } from '../core/styles.ts';
import { wallTime } from '../core/time.ts';
import type { Chart, Look } from './chart.ts';
import { alone, type Point, type Summary, summarise } from './series.ts';
import type { Speaker } from './speaker.ts';

const COLOURS = ['line', 'ink', 'muted', 'grid', 'card'] as const satisfies (keyof Look)[];

/**
 * One number over time: a chart, the same in a sentence, and the same as a table. The chart's code comes when it is
 * shown first; its room is kept before.
 */
@customElement('seftec-chart')
export class SeftecChart extends LitElement {
  static override styles = [
    common,
    css`
      :host {
        container-type: inline-size;
      }
      .plot,
      .table {
        height: 15rem;
      }
      figure {
        grid-template-columns: minmax(0, 1fr);
      }
      .plot {
        overflow: hidden;
        direction: ltr;
        font: 400 0.75rem / 1.3 var(--font);
      }
      .table {
        overflow: auto;
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-variant-numeric: tabular-nums;
      }
      th,
      td {
        padding: 0.35rem 0.75rem;
        text-align: start;
        border-bottom: 1px solid var(--line);
        font-weight: 400;
      }
      thead th {
        position: sticky;
        top: 0;
        background: var(--sunken);
        font-weight: 600;
      }
      td {
        text-align: end;
      }
      thead th:last-child {
        text-align: end;
      }
      .colours {
        position: absolute;
        visibility: hidden;
      }
      /* A change of colours, from wherever it comes, is noticed by the end of this transition. */
      .colours i {
        transition: color 1ms;
      }
      .line {
        color: var(--accent);
      }
      .ink {
        color: var(--ink);
      }
      .muted {
        color: var(--muted);
      }
      .grid {
        color: var(--line);
      }
      .card-colour {
        color: var(--card);
      }
    `,
  ];

  /** What the number is called. */
  @property() heading = '';
  /** Which number it is. */
  @property() metric = '';
  @property({ attribute: false }) points: Point[] = [];
  @property({ attribute: false }) speaker!: Speaker;

  @state() private asTable = false;
  @state() private failed = false;
  @query('.plot') private readonly plot!: HTMLElement | null;
  private chart: Chart | undefined;
  private drawnIn: HTMLElement | undefined;
  private readonly resized = new ResizeObserver(() => {
    this.chart?.resize();
  });

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leave();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!this.plot) this.leave();
    else if (this.drawnIn !== this.plot) void this.begin(this.plot);
    else if (changed.has('points') || changed.has('speaker') || changed.has('metric')) this.draw();
  }

  protected override render(): TemplateResult {
    const { t } = this.speaker;
    const summary = summarise(this.points);
    const isTable = this.asTable || this.failed;
    return html`<figure class="stack" aria-labelledby="heading">
      <div class="row spread">
        <h3 id="heading">${this.heading}</h3>
        ${
          this.failed
            ? nothing
            : html`<button type="button" class="plain small" aria-describedby="heading" @click=${this.turn}>
              ${isTable ? t('showChart') : t('showTable')}
            </button>`
        }
      </div>
      ${this.failed ? html`<p class="notice warn" role="status"><span>${t('chartFailed')}</span></p>` : nothing}
      ${isTable ? this.table() : html`<div class="plot"></div>`}
      ${summary ? html`<figcaption class="small muted">${this.inWords(summary)}</figcaption>` : nothing}
      <span class="colours" aria-hidden="true" @transitionend=${this.draw}>
        ${COLOURS.map((name) => html`<i class=${name === 'card' ? 'card-colour' : name}></i>`)}
      </span>
    </figure>`;
  }

  private table(): TemplateResult {
    const { t, zoneName } = this.speaker;
    return html`<div class="table" role="region" aria-labelledby="heading" tabindex="0">
      <table>
        <thead>
          <tr><th scope="col">${t('when', { zone: zoneName })}</th><th scope="col">${this.heading}</th></tr>
        </thead>
        <tbody>
          ${this.points.toReversed().map(
            ([instant, value]) => html`<tr>
                <th scope="row">${this.speaker.moment(instant)}</th>
                <td>${value === null ? html`<span class="muted">${t('notMeasured')}</span>` : this.write(value)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  private inWords(summary: Summary): string {
    const { t } = this.speaker;
    const [[firstAt, first], [lastAt, last]] = [summary.first, summary.last];
    const ends = { last: this.write(last), lastAt: this.speaker.when(lastAt) };
    if (summary.measured === 1) return t('summaryOne', ends);
    const range = { lowest: this.write(summary.lowest), highest: this.write(summary.highest) };
    const whole = t('summary', {
      first: this.write(first),
      firstAt: this.speaker.when(firstAt),
      ...ends,
      ...range,
    });
    return summary.gaps ? `${whole} ${t('gaps', { count: summary.gaps })}` : whole;
  }

  private write(value: number, space: 'small' | 'wide' = 'wide'): string {
    return this.speaker.write(this.metric, value, space);
  }

  private readonly turn = (): void => {
    this.asTable = !this.asTable;
  };

  private async begin(plot: HTMLElement): Promise<void> {
    this.leave();
    this.drawnIn = plot;
    try {
      const { place } = await import('./chart.ts');
      if (this.drawnIn !== plot || !this.isConnected) return;
      this.chart = place(plot);
    } catch {
      this.failed = true;
      return;
    }
    this.resized.observe(plot);
    this.draw();
  }

  private readonly draw = (): void => {
    const summary = summarise(this.points);
    this.chart?.draw(
      {
        name: this.heading,
        summary: summary ? this.inWords(summary) : '',
        points: this.points,
        walls: this.points.map(([instant]) =>
          Date.parse(`${wallTime(new Date(instant), this.speaker.zone)}Z`),
        ),
        dots: alone(this.points),
        locale: this.speaker.locale,
        write: (value, space) => this.write(value, space),
        moment: (instant) => this.speaker.when(instant),
        fromZero: this.metric === 'engagement_rate',
      },
      this.look(),
    );
  };

  private look(): Look {
    const probes = this.renderRoot.querySelectorAll('.colours i');
    const colours = COLOURS.map((name, index) => [name, getComputedStyle(probes[index]!).color]);
    return Object.assign(Object.fromEntries(colours), { font: getComputedStyle(this).fontFamily }) as Look;
  }

  private leave(): void {
    this.resized.disconnect();
    this.chart?.leave();
    this.chart = undefined;
    this.drawnIn = undefined;
  }
}
