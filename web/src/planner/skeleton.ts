import { html, type TemplateResult } from 'lit';
import type { View } from './calendar.ts';

/** The shape of the planner, as high as it will be. */
export function skeletonOf(view: View, isNarrow: boolean): TemplateResult {
  const rows = view === 'month' ? 6 : 4;
  return html`<div class="bar">
      <div class="row spread"><div class="bone title"></div><div class="bone title"></div></div>
      <div class="filters"><div class="bone control"></div><div class="bone control"></div><div class="bone control"></div></div>
    </div>
    <div class="bone line"></div>
    ${
      view === 'week' && !isNarrow
        ? html`<div class="scroll bone"></div>`
        : html`<div class="bones">${Array.from({ length: rows }, () => html`<div class="bone day-row"></div>`)}</div>`
    }`;
}
