import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { icon } from '../parts/icons.ts';
import { platformName } from '../parts/platform.ts';
import { checkAt, type Desk, isWrong, notesView } from './desk.ts';
import { isTooLong, LONGEST_TEXT } from './draft.ts';
import type { Told } from './findings.ts';

/** From here on the field keeps its height: measuring so much text at every key would make typing slow. */
const LONG = 4_000;

interface TextField {
  id: string;
  label: string;
  isLabelHidden?: boolean;
  value: string;
  told: Told[];
  isShared?: boolean;
  change: (text: string) => void;
}

/** A text of a post with what is said of it. */
export function textField(desk: Desk, field: TextField): TemplateResult {
  const isHuge = isTooLong(field.value);
  const wrong = isHuge ? 'true' : isWrong(field.told);
  return html`<div class="field">
    <label for=${field.id} class=${field.isLabelHidden ? 'visually-hidden' : ''}>${field.label}</label>
    <textarea
      id=${field.id}
      class="text ${field.value.length > LONG ? 'long' : ''}"
      rows="5"
      dir="auto"
      spellcheck=${field.value.length > LONG ? 'false' : 'true'}
      .value=${live(field.value)}
      aria-invalid=${wrong}
      aria-describedby="${field.id}-notes ${field.id}-huge"
      @input=${(event: Event) => field.change((event.target as HTMLTextAreaElement).value)}
    ></textarea>
    <p class="wrong" id="${field.id}-huge" role="status" ?hidden=${!isHuge}>
      ${isHuge ? desk.t('tooLongForAll', { limit: LONGEST_TEXT }) : nothing}
    </p>
    ${notesView(desk, `${field.id}-notes`, field.told, field.isShared)}
  </div>`;
}

/** How long the text is at a place, as its platform counts; nothing until it was counted. */
export function countView(desk: Desk, connectionId: string): TemplateResult | typeof nothing {
  const text = checkAt(desk, connectionId)?.text;
  if (!text) return nothing;
  const { length, limit } = text;
  const number = (value: number) => new Intl.NumberFormat(desk.locale).format(value);
  const platform = platformName(desk.places.get(connectionId)?.platform ?? '');
  return html`<span class="count ${length > limit ? 'over' : ''} ${desk.isChecking ? 'old' : ''}">
    <span aria-hidden="true">${number(length)} / ${number(limit)}</span>
    <span class="visually-hidden">${desk.t('countSpoken', { length, limit, platform })}</span>
    ${length > limit ? html`<b>${icon('cross')} ${desk.t('over', { count: length - limit })}</b>` : nothing}
  </span>`;
}
