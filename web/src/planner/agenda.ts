import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import type { Day } from './calendar.ts';
import { chips } from './chip.ts';
import { byDay } from './grouping.ts';
import type { Scene } from './scene.ts';

/** Days one below the other with their posts; days without any only where all are wanted. */
export function agenda(scene: Scene, days: readonly Day[], all: boolean): TemplateResult {
  const { t, times } = scene;
  const posts = byDay(scene.posts, times.zone);
  const shown = days.filter((day) => all || posts.has(day));
  return html`<div class="agenda">
    ${shown.map((day) => {
      const found = posts.get(day);
      const classes = { today: day === scene.today, target: day === scene.target };
      return html`<section class=${classMap(classes)} data-drop=${day}>
        <h3 aria-current=${day === scene.today ? 'date' : nothing}>
          ${times.longDay(day)}
          ${day === scene.today ? html`<span class="badge">${t('today')}</span>` : nothing}
        </h3>
        ${found ? chips(scene, found) : html`<p class="muted small">${t('nothingOn')}</p>`}
      </section>`;
    })}
  </div>`;
}
