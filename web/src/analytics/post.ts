import { html, nothing, type TemplateResult } from 'lit';
import './chart-figure.ts';
import type { PostReport } from './data.ts';
import type { Directory } from './directory.ts';
import { METRICS } from './figures.ts';
import { absence, marks } from './posts.ts';
import { withGaps } from './series.ts';
import type { Speaker } from './speaker.ts';
import { tileBones, tiles } from './tiles.ts';

export type PostMetric = (typeof METRICS)[number];
/** Posts are read once a day at the slowest, so that a longer silence is a gap. */
const SLOWEST = 36 * 3_600_000;

interface PostView {
  speaker: Speaker;
  report: PostReport;
  directory: Directory;
  metric: PostMetric;
  picked: (metric: PostMetric) => void;
}

/** One post: its newest numbers, and how they grew. */
export function post(view: PostView): TemplateResult {
  const { speaker, report, directory } = view;
  const { t } = speaker;
  const { post: one } = report;
  const numbers = { ...one.metrics, engagement_rate: one.engagement_rate };
  const missing = absence(one, directory, speaker);
  return html`<div class="page">
    <div class="stack">
      <p class="small muted">
        <bdi>${directory.nameOf(one)}</bdi> · ${t('wentLive', { when: speaker.when(one.posted_at) })}.
        ${one.collected_at ? t('collectedAt', { when: speaker.when(one.collected_at) }) : nothing}
        ${one.collected_at && !one.is_collected ? t('postDone') : nothing}
      </p>
      ${marks(one, speaker)}
    </div>
    ${
      missing
        ? html`<div class="notice" role="status"><p>${missing}</p></div>`
        : html`<section class="stack" aria-labelledby="numbers">
          <h3 id="numbers">${t('numbers')}</h3>
          ${tiles(
            METRICS.map((metric) => ({
              metric,
              value: numbers[metric],
              absent: metric === 'engagement_rate' ? ('cannotBeSaid' as const) : ('notReported' as const),
            })),
            speaker,
          )}
        </section>`
    }
    ${history(view)}
  </div>`;
}

function history({ speaker, report, metric, picked }: PostView): TemplateResult | typeof nothing {
  const { t } = speaker;
  const told = METRICS.filter((one) => report.history.some((point) => point[one] !== null));
  const [first] = told;
  if (!first) return nothing;
  const shown = told.includes(metric) ? metric : first;
  const series = report.history.map((point) => {
    const collected = Date.parse(point.collected_at);
    return { at: collected, collected, value: point[shown] };
  });
  const change = (event: Event) => picked((event.target as HTMLSelectElement).value as PostMetric);
  return html`<section class="card stack">
    <div class="row">
      <label for="metric">${t('metric')}</label>
      <select id="metric" class="pick" @change=${change}>
        ${told.map((one) => html`<option value=${one} .selected=${one === shown}>${t(one)}</option>`)}
      </select>
    </div>
    <seftec-chart
      .heading=${t('metricOverTime', { metric: t(shown) })}
      .metric=${shown}
      .points=${withGaps(series, SLOWEST)}
      .speaker=${speaker}
    ></seftec-chart>
    ${report.history_is_cut ? html`<p class="small muted">${t('historyCut')}</p>` : nothing}
  </section>`;
}

/** The shape of a post before its numbers. */
export function postBones(): TemplateResult {
  return html`<div class="page">
    <div class="bone title"></div>
    ${tileBones(9)}
    <div class="card"><div class="bone plot"></div></div>
  </div>`;
}
