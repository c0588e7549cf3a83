import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../parts/icons.ts';
import type { Comparison, Figure } from './figures.ts';
import type { Key, Speaker } from './speaker.ts';

/** One number with how it stands to the period before. */
export interface Tile {
  metric: Key;
  value: Figure;
  /** What stands in its place where it is null, and why that is, where it is known. */
  absent?: Key;
  why?: string;
  comparison?: Comparison;
}

const SIGNS = { up: 'up', down: 'down', equal: 'equal' } as const;

/** Numbers side by side; one that was not reported says so and is never a zero. */
export function tiles(tiles: Tile[], speaker: Speaker): TemplateResult {
  return html`<dl class="card tiles">${tiles.map((tile) => one(tile, speaker))}</dl>`;
}

function one({ metric, value, absent, why, comparison }: Tile, speaker: Speaker): TemplateResult {
  const { t } = speaker;
  if (value === null)
    return html`<div>
      <dt>${t(metric)}</dt>
      <dd class="value absent">${t(absent ?? 'notReported')}</dd>
      ${why ? html`<dd class="change">${why}</dd>` : nothing}
    </div>`;
  const short = speaker.write(metric, value, 'small');
  const full = speaker.write(metric, value);
  return html`<div>
    <dt>${t(metric)}</dt>
    <dd class="value" title=${short === full ? nothing : full}>${short}</dd>
    ${comparison ? html`<dd>${change(comparison, speaker)}</dd>` : nothing}
  </div>`;
}

/** A comparison as a sign and in words. */
function change({ direction, key, amount }: Comparison, { t }: Speaker): TemplateResult {
  return html`<span class="change ${direction}">
    ${direction === 'absent' ? nothing : icon(SIGNS[direction])}<span>${t(key, { amount })}</span>
  </span>`;
}

/** The shape of tiles before their numbers. */
export function tileBones(count: number): TemplateResult {
  return html`<div class="card tiles">
    ${Array.from({ length: count }, () => html`<div><div class="bone"></div><div class="bone"></div></div>`)}
  </div>`;
}
