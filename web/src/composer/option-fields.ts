import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { type Desk, isWrong, notesView } from './desk.ts';
import { type Options, type TargetDraft, withVariant } from './draft.ts';
import { ownNotes, type Told } from './findings.ts';
import {
  dateText,
  dateValue,
  type Field,
  isShown,
  listText,
  listValue,
  timeText,
  timeValue,
  valueAt,
  withValue,
} from './options.ts';
import { wordFor } from './words.ts';

/** A platform's own options as controls, each with what is said of it. */
export function optionFields(desk: Desk, target: TargetDraft, fields: readonly Field[]): TemplateResult[] {
  return fields
    .filter((field) => isShown(field, target.options, fields))
    .map((field) => (field.kind === 'group' ? group(desk, target, field) : control(desk, target, field)));
}

function group(desk: Desk, target: TargetDraft, field: Field): TemplateResult {
  const told = ownNotes(desk.notes, target.connectionId, `options.${field.path}`);
  return html`<fieldset class="group stack">
    <legend>${wordFor(desk.t, 'option', field.name)}</legend>
    ${notesView(desk, idOf(target, field, 'notes'), told)}
    ${optionFields(desk, target, field.fields)}
  </fieldset>`;
}

function control(desk: Desk, target: TargetDraft, field: Field): TemplateResult {
  const id = idOf(target, field);
  const isList = field.kind === 'list' || field.kind === 'date' || field.kind === 'time';
  const told = ownNotes(desk.notes, target.connectionId, `options.${field.path}`, isList);
  const label = html`<label for=${id}>${wordFor(desk.t, 'option', field.name)}</label>`;
  const said = notesView(desk, `${id}-notes`, told);
  if (field.kind === 'flag')
    return html`<div class="field"><span class="row">${input(desk, target, field, id, told)}${label}</span>${said}</div>`;
  return html`<div class="field">${label}${input(desk, target, field, id, told)}${said}</div>`;
}

function input(desk: Desk, target: TargetDraft, field: Field, id: string, told: Told[]): TemplateResult {
  const value = valueAt(target.options, field.path);
  const set = (next: unknown) => {
    const options: Options = withValue(target.options, field.path, next);
    desk.change(withVariant(desk.draft, target.connectionId, { options }));
  };
  const typed = (read: (text: string) => unknown) => (event: Event) =>
    set(read((event.target as HTMLInputElement).value));
  const wrong = isWrong(told);
  const by = `${id}-notes`;
  const simple = (type: string, text: string, read: (text: string) => unknown) =>
    html`<input id=${id} type=${type} dir=${type === 'text' ? 'auto' : 'ltr'} .value=${live(text)}
      min=${field.least ?? nothing} max=${field.most ?? nothing} maxlength=${field.longest ?? nothing}
      aria-invalid=${wrong} aria-describedby=${by} @input=${typed(read)} />`;
  switch (field.kind) {
    case 'choice': {
      const chosen = String(value ?? field.standard ?? '');
      return html`<select id=${id} aria-invalid=${wrong} aria-describedby=${by}
        @change=${typed((text) => (text === field.standard ? undefined : text))}>
        ${field.standard === undefined ? choice(desk, '', chosen) : nothing}
        ${field.choices.map((one) => choice(desk, one, chosen))}
      </select>`;
    }
    case 'flag':
      return html`<input id=${id} type="checkbox" .checked=${live(Boolean(value ?? field.standard))}
        aria-describedby=${by}
        @change=${(event: Event) => {
          const isOn = (event.target as HTMLInputElement).checked;
          set(isOn === field.standard ? undefined : isOn);
        }} />`;
    case 'number':
      return simple('number', String(value ?? ''), (text) => (text === '' ? undefined : Number(text)));
    case 'date':
      return simple('date', dateText(value), dateValue);
    case 'time':
      return simple('time', timeText(value), timeValue);
    case 'list':
      return html`<textarea id=${id} rows="3" dir="auto" .value=${listText(value)} aria-invalid=${wrong}
        aria-describedby=${by} @change=${typed(listValue)}></textarea>`;
    case 'long':
      return html`<textarea id=${id} rows="3" dir="auto" maxlength=${field.longest ?? nothing}
        .value=${live(String(value ?? ''))} aria-invalid=${wrong} aria-describedby=${by}
        @input=${typed(String)}></textarea>`;
    default:
      return simple('text', String(value ?? ''), String);
  }
}

function choice(desk: Desk, value: string, chosen: string): TemplateResult {
  return html`<option value=${value} ?selected=${value === chosen}>${wordFor(desk.t, 'choice', value)}</option>`;
}

function idOf(target: TargetDraft, field: Field, suffix = ''): string {
  return `option-${target.connectionId}-${field.path.replaceAll('.', '-')}${suffix && `-${suffix}`}`;
}
