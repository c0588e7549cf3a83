import { html, nothing, type TemplateResult } from 'lit';
import { now } from '../core/clock.ts';
import { type WallTime, zoneLabel } from '../core/time.ts';
import { landingOf } from './moves.ts';
import type { Times } from './times.ts';
import type { Say } from './words.ts';

/** A time as it is entered; `second` where the clocks show it twice and the second is meant. */
export interface Moment {
  wall: WallTime;
  second: boolean;
}

/** A field for a day and a time, with what the clocks of the zone make of it. */
export function momentField(
  moment: Moment,
  wrong: string,
  t: Say,
  times: Times,
  change: (moment: Moment) => void,
): TemplateResult {
  const landing = landingOf(moment.wall, times.zone, now());
  const zone = zoneLabel(times.zone, landing?.at ?? now(), times.locale);
  const choice = (second: boolean, label: string) => html`<label class="row">
    <input type="radio" name="which" .checked=${moment.second === second} @change=${() => change({ ...moment, second })} />${label}
  </label>`;
  return html`<div class="field">
      <label for="moment">${t('newTime')}</label>
      <input id="moment" type="datetime-local" .value=${moment.wall} aria-invalid=${wrong ? 'true' : 'false'}
        aria-describedby="moment-hint moment-wrong"
        @input=${(event: Event) => change({ wall: (event.target as HTMLInputElement).value, second: false })} />
      <p class="hint" id="moment-hint">${t('timesIn', { zone })}${
        landing?.skipped ? html`<br />${t('skippedHint', { time: times.full(landing.at) })}` : nothing
      }</p>
      <p class="wrong" id="moment-wrong" role="alert">${wrong}</p>
    </div>
    ${
      landing?.later
        ? html`<fieldset class="stack">
            <legend>${t('twiceHint')}</legend>
            ${choice(false, t('first', { time: times.clock(landing.at) }))}
            ${choice(true, t('second', { time: times.clock(landing.later) }))}
          </fieldset>`
        : nothing
    }`;
}
