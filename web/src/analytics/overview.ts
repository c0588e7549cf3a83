import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../parts/icons.ts';
import { platformMark, platformName } from '../parts/platform.ts';
import type { Account, Overview } from './data.ts';
import type { Directory } from './directory.ts';
import { type Comparison, compare, compareMoved } from './figures.ts';
import { notCollected, whyNoTotal } from './reasons.ts';
import { ACCOUNT_KEYS, type AccountKey, ariaSort, pressed, type Sort, sortAccounts } from './sorting.ts';
import type { Speaker } from './speaker.ts';
import { type Tile, tileBones, tiles } from './tiles.ts';

const TOTALS = [
  'reach',
  'impressions',
  'engagement_rate',
  'likes',
  'comments',
  'shares',
  'saves',
  'clicks',
  'views',
] as const;

interface OverviewView {
  speaker: Speaker;
  report: Overview;
  directory: Directory;
  sort: Sort<AccountKey>;
  sorted: (sort: Sort<AccountKey>) => void;
  /** Opens one account. */
  open: (connectionId: string) => void;
}

/** Everything at a glance: totals against the period before, and the accounts. */
export function overview(view: OverviewView): TemplateResult {
  const { speaker, report } = view;
  const { t } = speaker;
  const { accounts, totals, comparison } = report;
  if (!accounts.length && !totals.posts)
    return html`<div class="card empty">
      <h3>${t('noAccounts')}</h3>
      <p class="muted">${t('noAccountsNext')}</p>
    </div>`;
  return html`<div class="page">
    <div class="small muted">
      <p>
        ${t('shownPeriod', { period: speaker.days(report.from, report.to), zone: speaker.zoneName })}
        ${
          comparison
            ? t('comparedWith', { period: speaker.days(comparison.from, comparison.to) })
            : t('notCompared')
        }
        ${report.collected_at ? t('collectedAt', { when: speaker.when(report.collected_at) }) : nothing}
      </p>
    </div>
    ${notice(report, speaker)}
    <section class="stack" aria-labelledby="totals">
      <h3 id="totals" class="visually-hidden">${t('totals')}</h3>
      ${tiles(tilesOf(view), speaker)}
      <p class="small muted">${totals.posts ? t('totalsOf') : t('noPosts')}</p>
    </section>
    ${accounts.length ? accountsTable(view) : nothing}
  </div>`;
}

function notice({ accounts, totals }: Overview, { t }: Speaker): TemplateResult | typeof nothing {
  const isNull = [totals.followers, ...TOTALS.map((metric) => totals[metric])].every(
    (value) => value === null,
  );
  if (!isNull) return nothing;
  if (accounts.some(({ collected_at }) => collected_at !== null))
    return totals.posts ? html`<div class="notice"><p>${t('allNull')}</p></div>` : nothing;
  return html`<div class="notice" role="status">
    <p><b>${t('nothingCollected')}.</b> ${t('nothingCollectedNext')}</p>
  </div>`;
}

function tilesOf({ speaker, report, directory }: OverviewView): Tile[] {
  const { totals, comparison } = report;
  const before = comparison?.totals;
  const missing = (metric: Tile['metric']) =>
    whyNoTotal(metric, report, (platform) => directory.isSilent(platform), speaker);
  const total = (metric: (typeof TOTALS)[number] | 'posts'): Tile => {
    const change = comparison?.change_percent[metric] ?? null;
    const compared = compare(totals[metric], before?.[metric], change, speaker.locale);
    return {
      metric,
      value: totals[metric],
      ...(comparison && { comparison: compared }),
      ...(totals[metric] === null && missing(metric)),
    };
  };
  const followers: Tile = {
    metric: 'followers',
    value: totals.followers,
    ...(totals.followers_gained !== null && { comparison: gained(report, speaker) }),
    ...(totals.followers === null && missing('followers')),
  };
  return totals.posts ? [followers, ...TOTALS.map(total), total('posts')] : [followers, total('posts')];
}

// Only accounts that were measured on both sides count: one that was linked meanwhile is no gain.
function gained({ totals }: Overview, speaker: Speaker): Comparison {
  return compareMoved(totals.followers_gained, (value) => speaker.write('followers', value));
}

function accountsTable(view: OverviewView): TemplateResult {
  const { speaker, report, directory, sort } = view;
  const { t } = speaker;
  const named = report.accounts.map((account) => ({ ...account, name: directory.nameOf(account) }));
  return html`<section class="card stack" aria-labelledby="accounts">
    <h3 id="accounts">${t('accounts')}</h3>
    <table class="accounts" role="table" aria-labelledby="accounts">
      <thead role="rowgroup">
        <tr role="row">${ACCOUNT_KEYS.map((key) => column(key, view))}</tr>
      </thead>
      <tbody role="rowgroup">
        ${sortAccounts(named, sort, speaker.locale).map((account) => row(account, view))}
      </tbody>
    </table>
  </section>`;
}

function column(key: AccountKey, { speaker: { t }, sort, sorted }: OverviewView): TemplateResult {
  const order = ariaSort(sort, key);
  return html`<th role="columnheader" scope="col" aria-sort=${order}>
    <button type="button" class="plain" @click=${() => sorted(pressed(sort, key))}>
      ${t(key)}${order === 'none' ? nothing : icon(order === 'descending' ? 'down' : 'up')}
    </button>
  </th>`;
}

function row(account: Account & { name: string }, { speaker, open }: OverviewView): TemplateResult {
  const { t } = speaker;
  const why = notCollected(account, speaker);
  const cell = (metric: 'followers' | 'reach' | 'impressions' | 'engagement_rate') => html`<td
    role="cell"
    data-label=${t(metric)}
  >
    ${account[metric] === null ? absent(account, speaker) : html`<span>${speaker.write(metric, account[metric])}</span>`}
  </td>`;
  return html`<tr role="row">
    <th role="rowheader" scope="row">
      <div class="who">
        ${platformMark(account.platform)}
        <div>
          <button type="button" class="plain" @click=${() => open(account.connection_id)}><bdi>${account.name}</bdi></button>
          <div class="small muted">${platformName(account.platform)}</div>
        </div>
      </div>
      ${
        why
          ? html`<p class="small"><span class="badge warn">${icon('pause')}${t('notCollected')}</span> ${why}</p>`
          : nothing
      }
    </th>
    ${cell('followers')}${cell('reach')}${cell('impressions')}${cell('engagement_rate')}
    <td role="cell" data-label=${t('collected_at')}>
      ${account.collected_at ? html`<span>${speaker.moment(account.collected_at)}</span>` : absent(account, speaker)}
    </td>
  </tr>`;
}

function absent({ collected_at, is_collected }: Account, { t }: Speaker): TemplateResult {
  const why = is_collected ? 'notCollectedYet' : 'notCollected';
  return html`<span class="small muted">${t(collected_at ? 'notReported' : why)}</span>`;
}

/** The shape of the overview before its numbers. */
export function overviewBones(): TemplateResult {
  return html`<div class="page">
    <div class="bone title"></div>
    ${tileBones(11)}
    <div class="card">${[1, 2, 3].map(() => html`<div class="bone line"></div>`)}</div>
  </div>`;
}
