import { html, type SVGTemplateResult, svg, type TemplateResult } from 'lit';

const shapes = {
  check: svg`<path d="m3 8.5 3.2 3L13 4.5" />`,
  warning: svg`<path d="M8 2 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.1" />`,
  cross: svg`<path d="m4 4 8 8m0-8-8 8" />`,
  clock: svg`<circle cx="8" cy="8" r="6" /><path d="M8 4.5V8l2.5 1.6" />`,
  pause: svg`<path d="M5.5 3.5v9m5-9v9" />`,
  question: svg`<circle cx="8" cy="8" r="6" /><path d="M6.2 6.4a1.9 1.9 0 1 1 2.4 1.9c-.5.2-.6.5-.6 1M8 11.3v.1" />`,
  plus: svg`<path d="M8 3v10M3 8h10" />`,
  arrow: svg`<path d="M3 8h9.5m-4-4 4 4-4 4" />`,
  back: svg`<path d="M13 8H3.5m4-4-4 4 4 4" />`,
  stop: svg`<circle cx="8" cy="8" r="6" /><path d="m4 12 8-8" />`,
  link: svg`<path d="M6.5 9.5a3 3 0 0 0 4.3 0l2-2a3 3 0 1 0-4.3-4.2l-.8.8M9.5 6.5a3 3 0 0 0-4.3 0l-2 2a3 3 0 1 0 4.3 4.2l.8-.8" />`,
  pen: svg`<path d="m3 13 .7-3L11 2.8 13.2 5 6 12.3z" />`,
  up: svg`<path d="M8 13V3.5m-4 4 4-4 4 4" />`,
  down: svg`<path d="M8 3v9.5m-4-4 4 4 4-4" />`,
  equal: svg`<path d="M3.5 6h9m-9 4h9" />`,
  external: svg`<path d="M6.5 3.5h-3v9h9v-3M9 3h4v4M12.7 3.3 7.5 8.5" />`,
} satisfies Record<string, SVGTemplateResult>;

export type Icon = keyof typeof shapes;

/** A line drawing in the colour of the text; silent to screen readers, so words stand beside it. */
export function icon(name: Icon): TemplateResult {
  return html`<svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.6"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${shapes[name]}</svg>`;
}
