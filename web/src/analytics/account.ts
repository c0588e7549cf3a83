import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../parts/icons.ts';
import { platformName } from '../parts/platform.ts';
import './chart-figure.ts';
import { type AccountReport, type Granularity, LONGEST_BY_HOUR } from './data.ts';
import { type Comparison, compareMoved, type Figure } from './figures.ts';
import { notCollected } from './reasons.ts';
import { usualStep, withGaps } from './series.ts';
import type { Speaker } from './speaker.ts';
import { type Tile, tileBones, tiles } from './tiles.ts';

const NUMBERS = ['followers', 'reach', 'impressions', 'engagement_rate', 'following', 'posts'] as const;
const GRANULARITIES = ['hour', 'day', 'week'] as const;

interface AccountView {
  speaker: Speaker;
  report: AccountReport;
  granularity: Granularity;
  stepped: (granularity: Granularity) => void;
  openPosts: () => void;
}

/** One account: its newest numbers against those before the period, and two lines over the period. */
export function account(view: AccountView): TemplateResult {
  const { speaker, report } = view;
  const { t } = speaker;
  const { account: one, comparison, series } = report;
  const why = notCollected(one, speaker);
  const period = speaker.days(report.from, report.to);
  return html`<div class="page">
    <p class="small muted">
      ${platformName(one.platform)}. ${t('shownPeriod', { period, zone: speaker.zoneName })}
      ${comparison ? t('accountCompared', { when: speaker.when(comparison.before_collected_at) }) : nothing}
      ${one.collected_at ? t('collectedAt', { when: speaker.when(one.collected_at) }) : nothing}
    </p>
    ${
      why
        ? html`<div class="notice warn"><p><span class="badge warn">${icon('pause')}${t('notCollected')}</span> ${why}</p></div>`
        : nothing
    }
    ${
      one.collected_at || why
        ? nothing
        : html`<div class="notice" role="status"><p><b>${t('nothingCollected')}.</b> ${t('nothingCollectedNext')}</p></div>`
    }
    <section class="stack" aria-labelledby="numbers">
      <h3 id="numbers">${t(series.length || !one.collected_at ? 'accountNumbers' : 'accountNumbersOlder')}</h3>
      ${tiles(tilesOf(report, speaker), speaker)}
    </section>
    <div class="row spread">
      ${steps(view)}
      <button type="button" @click=${view.openPosts}>${t('postsOfAccount')}</button>
    </div>
    ${line('followers', view)}${line('engagement_rate', view)}
    <p class="small muted">${t('weekHint')}</p>
  </div>`;
}

function tilesOf({ account: one, series, comparison }: AccountReport, speaker: Speaker): Tile[] {
  const latest = series.at(-1) ?? one;
  const absent = one.collected_at ? 'notReported' : 'notCollectedYet';
  return NUMBERS.map((metric) => ({
    metric,
    value: latest[metric],
    absent: metric === 'engagement_rate' && one.collected_at ? 'cannotBeSaid' : absent,
    comparison: moved(metric, comparison?.change[metric] ?? null, speaker),
  }));
}

function moved(metric: (typeof NUMBERS)[number], change: Figure, speaker: Speaker): Comparison {
  if (metric !== 'engagement_rate') return compareMoved(change, (value) => speaker.write(metric, value));
  const written = (value: number) =>
    new Intl.NumberFormat(speaker.locale, { maximumFractionDigits: 2 }).format(value);
  return compareMoved(change, (value) => speaker.t('points', { count: value, amount: written(value) }));
}

function steps({ speaker: { t }, report, granularity, stepped }: AccountView): TemplateResult {
  const isShort = Date.parse(report.to) - Date.parse(report.from) <= LONGEST_BY_HOUR;
  return html`<fieldset>
    <legend class="visually-hidden">${t('granularity')}</legend>
    <div class="choices">
      ${GRANULARITIES.filter((step) => step !== 'hour' || isShort).map(
        (step) => html`<label>
          <input type="radio" name="granularity" .checked=${step === granularity} @change=${() => stepped(step)} />
          <span>${t(step)}</span>
        </label>`,
      )}
    </div>
  </fieldset>`;
}

function line(metric: 'followers' | 'engagement_rate', { speaker, report }: AccountView): TemplateResult {
  const { t } = speaker;
  const heading = t(metric === 'followers' ? 'followersOverTime' : 'rateOverTime');
  const series = report.series.map((point) => ({
    at: Date.parse(point.at),
    collected: Date.parse(point.collected_at),
    value: point[metric],
  }));
  if (series.some(({ value }) => value !== null)) {
    const points = withGaps(series, usualStep(report.granularity as Granularity, series));
    return html`<section class="card">
      <seftec-chart .heading=${heading} .metric=${metric} .points=${points} .speaker=${speaker}></seftec-chart>
    </section>`;
  }
  const isNever = series.length > 0 && report.account[metric] === null && metric === 'followers';
  const why =
    series.length === 0
      ? t('nothingInPeriod')
      : t(isNever ? 'neverReported' : 'notReportedInPeriod', {
          platform: platformName(report.account.platform),
        });
  return html`<section class="card stack"><h3>${heading}</h3><p class="muted">${why}</p></section>`;
}

/** The shape of an account before its numbers. */
export function accountBones(): TemplateResult {
  return html`<div class="page">
    <div class="bone title"></div>
    ${tileBones(6)}
    <div class="card"><div class="bone plot"></div></div>
    <div class="card"><div class="bone plot"></div></div>
  </div>`;
}
