import { html, nothing, type TemplateResult } from 'lit';
import { avatar } from '../parts/avatar.ts';
import { modal } from '../parts/modal.ts';
import { common } from '../parts/standing.ts';
import type { Place } from './data.ts';
import { keyOr, type Say } from './words.ts';

/** Places to choose among: of a fresh consent, or others of a linked account. */
export interface Choice {
  title: string;
  platform: string;
  places: Place[];
  chosen: ReadonlySet<string>;
  /** What went wrong with the last try. */
  wrong: string;
  busy: boolean;
  /** Takes the chosen places. */
  take: (platformIds: string[]) => void;
}

/** The dialog that asks which places of an account to link. */
export function choosing(
  choice: Choice,
  t: Say,
  locale: string,
  change: (choice: Choice | null) => void,
): TemplateResult {
  const toggle = (id: string) => {
    const chosen = new Set(choice.chosen);
    if (!chosen.delete(id)) chosen.add(id);
    change({ ...choice, chosen, wrong: '' });
  };
  const take = () => {
    if (choice.busy) return;
    if (choice.chosen.size) choice.take([...choice.chosen]);
    else change({ ...choice, wrong: t('chooseNone') });
  };
  const isFree = (place: Place) => place.usable && !place.connection_id;
  const content = choice.places.some(isFree)
    ? html`<fieldset class="choices">
          <legend class="hint">${t('chooseHint')}</legend>
          ${choice.places.map((place) => option(place, choice, isFree(place), t, toggle))}
        </fieldset>
        ${choice.wrong ? html`<p class="wrong" role="alert">${choice.wrong}</p>` : nothing}`
    : html`<p>${t('noMore')}</p>
        <div class="choices">${choice.places.map((place) => option(place, choice, false, t, toggle))}</div>`;
  return modal({
    title: choice.title,
    content,
    buttons: html`<button type="button" @click=${() => change(null)}>${common(locale, 'cancel')}</button>
      ${
        choice.places.some(isFree)
          ? html`<button type="button" class="primary" aria-disabled=${choice.busy} @click=${take}>
            ${t('linkChosen', { count: choice.chosen.size })}
          </button>`
          : nothing
      }`,
    closed: () => change(null),
  });
}

function option(
  place: Place,
  choice: Choice,
  free: boolean,
  t: Say,
  toggle: (id: string) => void,
): TemplateResult {
  const reason = place.connection_id ? t('alreadyLinked') : place.reason;
  return html`<label>
    <input
      type="checkbox"
      .checked=${choice.chosen.has(place.platform_id)}
      ?disabled=${!free}
      @change=${() => toggle(place.platform_id)}
    />
    ${avatar(place.name, choice.platform)}
    <span>
      <span dir="auto">${place.name}</span>
      <span class="muted small">${t(keyOr(`kind.${place.kind}`, 'kind.account'))}</span>
      ${reason ? html`<br /><span class="muted small">${reason}</span>` : nothing}
      ${place.limitations.map(({ detail }) => html`<br /><span class="muted small">${detail}</span>`)}
    </span>
  </label>`;
}
