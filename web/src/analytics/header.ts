import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../parts/icons.ts';
import { platformMark } from '../parts/platform.ts';
import { LENGTHS, type Period, rangeProblem } from './period.ts';
import type { Speaker } from './speaker.ts';

export const VIEWS = ['overview', 'account', 'posts'] as const;
export type View = (typeof VIEWS)[number];

interface Header {
  speaker: Speaker;
  view: View;
  postId: string;
  title: string;
  /** The platform that the title is of, where it is of one. */
  platform: string;
  go: (view: View) => void;
  choice: PeriodChoice;
}

/** What the choice of the period shows and tells. */
export interface PeriodChoice {
  period: Period;
  today: string;
  /** Whether the days of an own range are asked for. */
  isRangeOpen: boolean;
  /** Why the days that were given cannot be shown. */
  problem: ReturnType<typeof rangeProblem>;
  open: () => void;
  chosen: (period: Period) => void;
  refused: (problem: ReturnType<typeof rangeProblem>) => void;
}

/** Where one is, where one can go, and the period; it stays while the numbers below come. */
export function header({ speaker, view, postId, title, platform, go, choice }: Header): TemplateResult {
  const { t } = speaker;
  const place = (target: View, isHere: boolean) => html`<button
    type="button"
    class="plain"
    aria-current=${isHere ? 'page' : nothing}
    @click=${() => go(target)}
  >
    ${t(target === 'posts' ? 'posts' : 'overview')}
  </button>`;
  const back = view === 'account' ? ('overview' as const) : postId ? ('posts' as const) : null;
  return html`<div class="header">
    <div class="row spread">
      <nav aria-label=${t('analytics')}>
        <div class="row">${place('overview', view === 'overview')}${place('posts', view === 'posts' && !postId)}</div>
      </nav>
      ${postId ? nothing : lengths(choice, speaker)}
    </div>
    ${!postId && choice.isRangeOpen ? range(choice, speaker) : nothing}
    ${
      back
        ? html`<div><button type="button" class="plain small" @click=${() => go(back)}>
          ${icon('back')}${t(back === 'posts' ? 'backToPosts' : 'backToOverview')}
        </button></div>`
        : nothing
    }
    <h2 tabindex="-1">${platform ? platformMark(platform) : nothing}<bdi>${title}</bdi></h2>
  </div>`;
}

function lengths(choice: PeriodChoice, { t }: Speaker): TemplateResult {
  const { period, isRangeOpen, open, chosen } = choice;
  const option = (isChosen: boolean, label: string, choose: () => void) => html`<label>
    <input type="radio" name="period" .checked=${isChosen} @change=${choose} /><span>${label}</span>
  </label>`;
  return html`<fieldset>
    <legend class="visually-hidden">${t('period')}</legend>
    <div class="choices">
      ${LENGTHS.map((days) => {
        const isChosen = !isRangeOpen && period.kind === 'last' && period.days === days;
        return option(isChosen, t('lastDays', { count: days }), () => chosen({ kind: 'last', days }));
      })}
      ${option(isRangeOpen, t('ownRange'), open)}
    </div>
  </fieldset>`;
}

function range({ period, today, problem, chosen, refused }: PeriodChoice, { t }: Speaker): TemplateResult {
  const given = period.kind === 'range' ? period : { first: '', last: today };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const [first, last] = [String(data.get('first')), String(data.get('last'))];
    const wrong = rangeProblem(first, last, today);
    if (wrong) refused(wrong);
    else chosen({ kind: 'range', first, last });
  };
  const day = (name: 'first' | 'last', label: string) => html`<div class="field">
    <label for=${name}>${label}</label>
    <input
      id=${name}
      name=${name}
      type="date"
      max=${today}
      .defaultValue=${given[name]}
      aria-invalid=${problem ? 'true' : nothing}
      aria-describedby=${problem ? 'range-problem' : nothing}
    />
  </div>`;
  return html`<form class="row range" novalidate @submit=${submit}>
    ${day('first', t('firstDay'))}${day('last', t('lastDay'))}
    <button type="submit">${t('show')}</button>
    ${problem ? html`<p id="range-problem" class="wrong" role="alert">${t(problem)}</p>` : nothing}
  </form>`;
}
