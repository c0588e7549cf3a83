import { html, nothing, type TemplateResult } from 'lit';
import { avatar } from '../parts/avatar.ts';
import { icon } from '../parts/icons.ts';
import { platformName } from '../parts/platform.ts';
import { checkAt, type Desk, notesView, placeName } from './desk.ts';
import { type TargetDraft, withTarget, withVariant } from './draft.ts';
import { countAt, ownNotes } from './findings.ts';
import { mediaField } from './media-field.ts';
import { optionFields } from './option-fields.ts';
import type { Place } from './places.ts';
import { lowQuota, type Quota, windowOf } from './quota.ts';
import { countView, textField } from './text-field.ts';

/** The merchant's places to choose from, each chosen one with its count, its limits and its own settings. */
export function targetsView(desk: Desk): TemplateResult {
  const { t, places, missing } = desk;
  return html`<fieldset class="plain stack tight" id="places" tabindex="-1">
    <legend>${t('places')}</legend>
    ${places.size ? html`<p class="hint">${t('placesHint')}</p>` : noPlaces(desk)}
    <p class="wrong" role="alert">${missing === 'places' ? t('choosePlaces') : nothing}</p>
    <ul class="places">
      ${[...places.values()].map((place) => placeView(desk, place))}
    </ul>
  </fieldset>`;
}

function noPlaces({ t, accountsUrl }: Desk): TemplateResult {
  return html`<p><b>${t('noPlaces')}</b> ${t('noPlacesNext')}
    ${accountsUrl ? html`<a href=${accountsUrl}>${t('toAccounts')}</a>` : nothing}</p>`;
}

function placeView(desk: Desk, place: Place): TemplateResult {
  const { draft, t } = desk;
  const target = draft.targets.find(({ connectionId }) => connectionId === place.id);
  const platform = platformName(place.platform);
  const choose = (event: Event) =>
    desk.change(withTarget(draft, place.id, (event.target as HTMLInputElement).checked));
  return html`<li class="place ${target ? 'chosen' : ''}">
    <div class="row">
      <input type="checkbox" id="place-${place.id}" .checked=${Boolean(target)}
        ?disabled=${Boolean(place.obstacle) && !target} aria-describedby="why-${place.id}" @change=${choose} />
      <label class="row who" for="place-${place.id}">
        ${avatar(place.name, place.platform)}
        <span><bdi>${place.name}</bdi>
          <span class="muted small">${platform}${place.handle && place.handle !== place.name ? html` <bdi>${place.handle}</bdi>` : nothing}</span></span>
      </label>
      ${target ? html`${countView(desk, place.id)}${mark(desk, place.id)}` : nothing}
      ${place.isEnding ? html`<span class="badge warn">${icon('clock')} ${t('placeEnding')}</span>` : nothing}
    </div>
    <div id="why-${place.id}" class="small" ?hidden=${!place.obstacle}>${why(desk, place)}</div>
    ${target ? chosenView(desk, place, target) : nothing}
  </li>`;
}

function why({ t, accountsUrl }: Desk, { obstacle, platform }: Place): TemplateResult {
  const mend = accountsUrl ? html` <a href=${accountsUrl}>${t('mend')}</a>` : nothing;
  switch (obstacle) {
    case null:
      return html``;
    case 'off':
      return html`${t('placeOff', { platform: platformName(platform) })}`;
    case 'down':
      return html`${t('placeDown')} ${accountsUrl ? mend : t('placeDownNext')}`;
    case 'silent':
      return html`${t('placeSilent')} ${accountsUrl ? mend : t('placeSilentNext')}`;
    default:
      return html`${obstacle.said} ${obstacle.next}${mend}`;
  }
}

/** How a place stands at a glance; the sentences stand beside their fields. */
function mark(desk: Desk, connectionId: string): TemplateResult | typeof nothing {
  const problems = countAt(desk.notes, connectionId, 'problem');
  if (problems)
    return html`<span class="badge bad">${icon('cross')} ${desk.t('checkedProblems', { count: problems })}</span>`;
  const warnings = countAt(desk.notes, connectionId, 'warning');
  return warnings
    ? html`<span class="badge warn">${icon('warning')} ${desk.t('checkedNotes', { count: warnings })}</span>`
    : nothing;
}

function chosenView(desk: Desk, place: Place, target: TargetDraft): TemplateResult {
  const { t, open } = desk;
  const name = `${place.name}, ${platformName(place.platform)}`;
  const isOpen = open.has(place.id);
  const isCustomised =
    target.content !== null || target.media !== null || Object.keys(target.options).length > 0;
  const about = ownNotes(desk.notes, place.id, 'connection_id');
  return html`
    ${notesView(desk, `about-${place.id}`, about)}
    ${quotaView(desk, lowQuota(checkAt(desk, place.id)?.quota ?? []))}
    <div class="row">
      <button type="button" class="plain" aria-expanded=${isOpen} aria-controls="own-${place.id}"
        @click=${() => desk.toggle(place.id)}>${icon(isOpen ? 'up' : 'down')} ${t('customise', { place: name })}</button>
      ${isCustomised ? html`<span class="badge">${icon('pen')} ${t('customised')}</span>` : nothing}
    </div>
    <div id="own-${place.id}" class="own stack" ?hidden=${!isOpen}>
      ${isOpen ? html`${variantView(desk, target)}${settingsView(desk, place, target)}` : nothing}
    </div>`;
}

function variantView(desk: Desk, target: TargetDraft): TemplateResult {
  const { t, draft, notes } = desk;
  const id = target.connectionId;
  const place = placeName(desk, id);
  const set = (change: Partial<TargetDraft>) => desk.change(withVariant(draft, id, change));
  const own = (name: 'content' | 'media', label: string, start: () => Partial<TargetDraft>) =>
    html`<span class="row">
      <input type="checkbox" id="own-${name}-${id}" .checked=${target[name] !== null}
        @change=${(event: Event) =>
          set((event.target as HTMLInputElement).checked ? start() : { [name]: null })} />
      <label for="own-${name}-${id}">${label}</label>
    </span>`;
  return html`
    ${own('content', t('ownText', { place }), () => ({ content: draft.content }))}
    ${
      target.content === null
        ? nothing
        : textField(desk, {
            id: `content-${id}`,
            label: t('textAt', { place }),
            value: target.content,
            told: ownNotes(notes, id, 'content'),
            change: (content) => set({ content }),
          })
    }
    ${own('media', t('ownMedia', { place }), () => ({ media: draft.media }))}
    ${
      target.media === null
        ? nothing
        : mediaField(desk, t('mediaAt', { place }), target.media, id, (media) => set({ media }))
    }`;
}

/** The platform's own settings of one place. */
export function settingsView(desk: Desk, place: Place, target: TargetDraft): TemplateResult | typeof nothing {
  if (!place.options.length) return nothing;
  return html`<fieldset class="group stack">
    <legend>${desk.t('options', { platform: platformName(place.platform) })}</legend>
    ${notesView(desk, `options-${place.id}`, ownNotes(desk.notes, place.id, 'options'))}
    ${optionFields(desk, target, place.options)}
  </fieldset>`;
}

function quotaView({ t, locale, zone }: Desk, quota: Quota | null): TemplateResult | typeof nothing {
  if (!quota) return nothing;
  const { left, limit, window_s: seconds, resets_at: resets } = quota;
  let words = t('quota', { left, limit: limit ?? left });
  if (resets) {
    const format = new Intl.DateTimeFormat(locale, {
      timeZone: zone,
      timeStyle: 'short',
      timeZoneName: 'short',
    });
    words = t('quotaUntil', { left, time: format.format(new Date(resets)) });
  } else if (seconds && limit !== null) {
    const [count, unit] = windowOf(seconds);
    const window = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
    words = t('quotaIn', { left, limit, window });
  }
  return html`<p class="small quota">${icon('warning')} ${words}</p>`;
}
