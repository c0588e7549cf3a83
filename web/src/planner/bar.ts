import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../parts/icons.ts';
import { platformName } from '../parts/platform.ts';
import { STATES } from './actions.ts';
import { VIEWS, type View } from './calendar.ts';
import type { Filter } from './grouping.ts';
import type { Place } from './reading.ts';
import type { Say } from './words.ts';

interface Bar {
  t: Say;
  view: View;
  /** What the period is called. */
  period: string;
  filter: Filter;
  places: readonly Place[];
  platforms: readonly string[];
  step: (steps: 1 | -1) => void;
  today: () => void;
  show: (view: View) => void;
  narrow: (filter: Filter) => void;
  clear: () => void;
  compose: () => void;
  settings: () => void;
}

/** The head of the planner: which period, shown how, narrowed to what. */
export function bar(props: Bar): TemplateResult {
  const { t, view } = props;
  const unit = view === 'week' ? 'week' : 'month';
  return html`<header class="bar">
    <div class="row spread">
      <div class="row">
        <button type="button" class="square" aria-label=${t(`previous_${unit}`)} @click=${() => props.step(-1)}>${icon('back')}</button>
        <button type="button" @click=${props.today}>${t('today')}</button>
        <button type="button" class="square" aria-label=${t(`next_${unit}`)} @click=${() => props.step(1)}>${icon('arrow')}</button>
        <h2 tabindex="-1" aria-live="polite">${props.period}</h2>
      </div>
      <div class="row">
        <div class="switch" role="group" aria-label=${t('viewAs')}>
          ${VIEWS.map(
            (one) =>
              html`<button type="button" aria-pressed=${one === view} @click=${() => props.show(one)}>${t(one)}</button>`,
          )}
        </div>
        <button type="button" data-settings @click=${props.settings}>${t('settings')}</button>
        <button type="button" class="primary" @click=${props.compose}>${icon('plus')}${t('newPost')}</button>
      </div>
    </div>
    ${filters(props)}
  </header>`;
}

function filters({ t, filter, places, platforms, narrow, clear }: Bar): TemplateResult {
  const choice = (
    field: keyof Filter,
    label: string,
    options: readonly { value: string; text: string }[],
  ) => html`<label class="filter">
    <span>${label}</span>
    <select .value=${filter[field]} @change=${(event: Event) =>
      narrow({ ...filter, [field]: (event.target as HTMLSelectElement).value })}>
      <option value="" ?selected=${!filter[field]}>${t('every')}</option>
      ${options.map(
        ({ value, text }) =>
          html`<option value=${value} ?selected=${filter[field] === value}>${text}</option>`,
      )}
    </select>
  </label>`;
  const shownPlaces = places.filter(({ platform }) => !filter.platform || platform === filter.platform);
  const isNarrowed = Boolean(filter.platform || filter.place || filter.state);
  return html`<div class="filters" role="group" aria-label=${t('filters')}>
    ${choice(
      'platform',
      t('platform'),
      platforms.map((value) => ({ value, text: platformName(value) })),
    )}
    ${choice(
      'place',
      t('place'),
      shownPlaces.map(({ id, name, platform }) => ({
        value: id,
        text: `${name} (${platformName(platform)})`,
      })),
    )}
    ${choice(
      'state',
      t('state'),
      STATES.map((value) => ({ value, text: t(`state_${value}`) })),
    )}
    ${
      isNarrowed
        ? html`<button type="button" class="plain" @click=${clear}>${t('clearFilters')}</button>`
        : nothing
    }
  </div>`;
}
