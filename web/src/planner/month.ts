import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import { addDays, type Day, monthWeeks, stepped } from './calendar.ts';
import { chips } from './chip.ts';
import { byDay, folded } from './grouping.ts';
import type { Scene } from './scene.ts';

/** How many posts a day shows before it folds. */
const FIT = 3;

/** A month as a table of weeks; a busy day folds into a button that opens it. */
export function month(scene: Scene, date: Day, go: (day: Day) => void): TemplateResult {
  const { t, times } = scene;
  const weeks = monthWeeks(date, scene.firstWeekday);
  const posts = byDay(scene.posts, times.zone);

  const day = (one: Day, isFirst: boolean) => {
    const all = posts.get(one) ?? [];
    const { shown, more } = folded(all, FIT, scene.moving?.id ?? null);
    const name = all.length
      ? t('dayWithPosts', { day: times.longDay(one), count: all.length })
      : t('dayEmpty', { day: times.longDay(one) });
    const label = times.dayNumber(one, isFirst);
    const classes = {
      outside: one.slice(0, 7) !== date.slice(0, 7),
      today: one === scene.today,
      target: one === scene.target,
      bygone: one < scene.today,
    };
    return html`<td class=${classMap(classes)} data-drop=${one}>
      <div class="cell">
        <button type="button" class="number" data-day=${one} tabindex=${one === date ? 0 : -1} aria-label=${label.length > 2 ? `${label}, ${name}` : name}
          aria-current=${one === scene.today ? 'date' : nothing}
          @click=${() => scene.openDay(one)} @keydown=${(event: KeyboardEvent) => walk(event, one, go)}>
          <span class="long">${label}</span><span class="short">${Number(one.slice(8))}</span>
        </button>
        ${shown.length ? chips(scene, shown) : nothing}
        ${
          more
            ? html`<button type="button" class="more" aria-label=${t('moreOf', { count: more, day: times.longDay(one) })}
                @click=${() => scene.openDay(one)}><span class="long">${t('more', { count: more })}</span><span class="short">+${more}</span></button>`
            : nothing
        }
      </div>
    </td>`;
  };

  return html`<table class="month">
    <caption class="visually-hidden">${t('calendar_month', { period: times.period('month', date, scene.firstWeekday) })}</caption>
    <thead>
      <tr>
        ${weeks[0]?.map(
          (one) =>
            html`<th scope="col" abbr=${times.weekday(one, 'long')}>${times.weekday(one, 'short')}</th>`,
        )}
      </tr>
    </thead>
    <tbody>
      ${weeks.map((week, row) => html`<tr>${week.map((one, column) => day(one, row + column === 0))}</tr>`)}
    </tbody>
  </table>`;
}

/** Arrow keys walk from day to day, page keys from month to month. */
function walk(event: KeyboardEvent, day: Day, go: (day: Day) => void): void {
  const steps: Record<string, Day> = {
    ArrowLeft: addDays(day, -1),
    ArrowRight: addDays(day, 1),
    ArrowUp: addDays(day, -7),
    ArrowDown: addDays(day, 7),
    PageUp: stepped('month', day, -1),
    PageDown: stepped('month', day, 1),
  };
  const next = steps[event.key];
  if (!next || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  go(next);
}
