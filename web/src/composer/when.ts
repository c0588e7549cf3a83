import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { plusDays, wallTime, zoneLabel } from '../core/time.ts';
import { type Desk, isWrong, notesView } from './desk.ts';
import type { When } from './draft.ts';
import { type Due, dueOf, instantOf, partsOf, wallOf } from './due.ts';
import { sharedNotes } from './findings.ts';
import type { Key } from './words.ts';

/** When it goes out: now, at a time in the zone that is named, or not yet. */
export function whenView(desk: Desk, labels: Record<When, Key>): TemplateResult {
  const { t, draft, zone, now } = desk;
  const choose = (when: When) =>
    desk.change({
      ...draft,
      when,
      wall: when === 'schedule' && !draft.wall ? plusDays(wallTime(now, zone), 1) : draft.wall,
    });
  const ways = (Object.keys(labels) as When[]).map(
    (when) => html`<span class="row">
      <input type="radio" name="when" id="when-${when}" .checked=${live(draft.when === when)}
        @change=${() => choose(when)} />
      <label for="when-${when}">${t(labels[when])}</label>
    </span>`,
  );
  return html`<fieldset class="plain stack tight">
    <legend>${t('when')}</legend>
    <div class="row ways">${ways}</div>
    ${draft.when === 'schedule' ? timeView(desk) : nothing}
  </fieldset>`;
}

function timeView(desk: Desk): TemplateResult {
  const { t, draft, zone, now, locale } = desk;
  const due = dueOf(draft.wall, draft.second, zone, now);
  const { date, time } = partsOf(draft.wall);
  const told = sharedNotes(desk.notes, 'scheduled_at');
  const isBad = desk.missing === 'time' || due.kind === 'past' ? 'true' : isWrong(told);
  const change = (wall: string) => desk.change({ ...draft, wall, second: false });
  const at = instantOf(due) ?? now;
  return html`<div class="stack tight">
    <div class="row times">
      <div class="field">
        <label for="date">${t('date')}</label>
        <input id="date" type="date" .value=${live(date)} min=${partsOf(wallTime(now, zone)).date}
          aria-invalid=${isBad} aria-describedby="zone time-said time-notes"
          @input=${(event: Event) => change(wallOf((event.target as HTMLInputElement).value, time))} />
      </div>
      <div class="field">
        <label for="time">${t('time')}</label>
        <input id="time" type="time" .value=${live(time)} aria-invalid=${isBad}
          aria-describedby="zone time-said time-notes"
          @input=${(event: Event) => change(wallOf(date, (event.target as HTMLInputElement).value))} />
      </div>
      <p class="hint" id="zone">${t('timesIn', { zone: zoneLabel(zone, at, locale) })}</p>
    </div>
    ${due.kind === 'twice' ? twiceView(desk, due) : nothing}
    <p id="time-said" role="status" class=${due.kind === 'past' || desk.missing === 'time' ? 'wrong' : 'small'}>
      ${timeWords(desk, due)}
    </p>
    ${notesView(desk, 'time-notes', told, desk.draft.targets.length > 1)}
  </div>`;
}

function timeWords({ t, draft, zone, locale, missing }: Desk, due: Due): string {
  const { time } = partsOf(draft.wall);
  switch (due.kind) {
    case 'none':
      return missing === 'time' ? t('timeMissing') : '';
    case 'past':
      return t('timePast');
    case 'skipped':
      return t('timeSkipped', { wall: time, time: partsOf(wallTime(due.instant, zone)).time });
    default:
      return t('goesOut', {
        time: longTime(due.instant, zone, locale),
        zone: zoneLabel(zone, due.instant, locale),
      });
  }
}

function twiceView(desk: Desk, due: Due & { kind: 'twice' }): TemplateResult {
  const { t, draft, zone, locale } = desk;
  const { time } = partsOf(draft.wall);
  return html`<fieldset class="group">
    <legend>${t('timeTwice', { wall: time })}</legend>
    ${due.both.map(
      (instant, index) => html`<span class="row">
        <input type="radio" name="twice" id="twice-${index}" .checked=${live(draft.second === (index === 1))}
          @change=${() => desk.change({ ...draft, second: index === 1 })} />
        <label for="twice-${index}">${t(index ? 'second' : 'first', { zone: zoneLabel(zone, instant, locale) })}</label>
      </span>`,
    )}
  </fieldset>`;
}

/** A day and time in words, in a zone that is named beside it. */
export function longTime(instant: Date, zone: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeZone: zone, dateStyle: 'full', timeStyle: 'short' }).format(
    instant,
  );
}
