import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import { ref } from 'lit/directives/ref.js';
import { addDays, beginningOf, type Day, weekOf } from './calendar.ts';
import { chips } from './chip.ts';
import { byHour } from './grouping.ts';
import { landingOf } from './moves.ts';
import type { Scene } from './scene.ts';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const DAY_MS = 24 * 60 * 60_000;
/** The row that the view begins at, where no post is earlier. */
const MORNING = 7;

/** A week as a table of days and hours by the clock of the zone. */
export function week(scene: Scene, date: Day): TemplateResult {
  const { t, times } = scene;
  const days = weekOf(date, scene.firstWeekday);
  const posts = byHour(scene.posts, times.zone);
  const isSkipped = skippedHours(days, times.zone);
  const first = Math.min(MORNING, ...[...posts.keys()].map((key) => Number(key.slice(11))));

  const cell = (day: Day, hour: number) => {
    const key = `${day}T${String(hour).padStart(2, '0')}`;
    const found = posts.get(key);
    const classes = { today: day === scene.today, target: key === scene.target, skipped: isSkipped(key) };
    return html`<td class=${classMap(classes)} data-drop=${key}>${found ? chips(scene, found) : nothing}</td>`;
  };

  const name = t('calendar_week', { period: times.period('week', date, scene.firstWeekday) });
  return html`<div class="scroll" role="region" aria-label=${name} tabindex="0" ${ref(beginAt(days[0] ?? date, first))}>
    <table class="week">
      <caption class="visually-hidden">${name}</caption>
      <thead>
        <tr>
          <th scope="col"><span class="visually-hidden">${t('hour')}</span></th>
          ${days.map(
            (day) => html`<th scope="col" class=${day === scene.today ? 'today' : ''}
              aria-current=${day === scene.today ? 'date' : nothing}>
              <button type="button" class="number" data-day=${day} aria-label=${`${times.shortDay(day)}, ${times.longDay(day)}`}
                @click=${() => scene.openDay(day)}>${times.shortDay(day)}</button>
            </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${HOURS.map(
          (hour) => html`<tr data-hour=${hour}>
            <th scope="row">${times.hour(hour)}</th>
            ${days.map((day) => cell(day, hour))}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Which hours the clocks skip; asked only of days that are not 24 hours long. */
function skippedHours(days: readonly Day[], zone: string): (key: string) => boolean {
  const short = days.filter(
    (day) => beginningOf(addDays(day, 1), zone).getTime() - beginningOf(day, zone).getTime() < DAY_MS,
  );
  return (key) =>
    short.includes(key.slice(0, 10)) && Boolean(landingOf(`${key}:30`, zone, new Date(0))?.skipped);
}

const begun = new WeakMap<Element, Day>();

/** Shows the first rows that matter when a week comes up; what the person scrolls to after stays. */
function beginAt(week: Day, hour: number) {
  return (element?: Element) => {
    if (!element || begun.get(element) === week) return;
    begun.set(element, week);
    requestAnimationFrame(() => {
      const row = element.querySelector<HTMLElement>(`[data-hour="${hour}"]`);
      const head = element.querySelector('thead');
      if (row && head) element.scrollTop = row.offsetTop - head.clientHeight;
    });
  };
}
