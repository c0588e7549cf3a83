import { css } from 'lit';

/**
 * The look of every element: the custom properties `--seftec-*` with their defaults, by light and by dark as the
 * page's `color-scheme` says, and the plain controls. Every pair of text and ground has a contrast of 4.5 and more.
 */
export const common = css`
  :host {
    --page: var(--seftec-color-page, light-dark(#f6f7f9, #12161c));
    --card: var(--seftec-color-card, light-dark(#ffffff, #1b212a));
    --sunken: var(--seftec-color-sunken, light-dark(#eef1f5, #242c37));
    --ink: var(--seftec-color-text, light-dark(#1a2230, #edf1f6));
    --muted: var(--seftec-color-muted, light-dark(#566173, #a9b4c3));
    --line: var(--seftec-color-line, light-dark(#d9dee6, #394453));
    --edge: var(--seftec-color-edge, light-dark(#7b8697, #77849a));
    --accent: var(--seftec-color-accent, light-dark(#1f55cc, #86aaff));
    --on-accent: var(--seftec-color-on-accent, light-dark(#ffffff, #0c1730));
    --tint: var(--seftec-color-tint, light-dark(#eaf0ff, #22304c));
    --good: var(--seftec-color-good, light-dark(#10694a, #62d6a0));
    --good-tint: var(--seftec-color-good-tint, light-dark(#e3f5ec, #173628));
    --warn: var(--seftec-color-warn, light-dark(#835200, #f3bd5b));
    --warn-tint: var(--seftec-color-warn-tint, light-dark(#fff3d9, #3a2d12));
    --bad: var(--seftec-color-bad, light-dark(#b0201a, #ff978e));
    --bad-tint: var(--seftec-color-bad-tint, light-dark(#fdebe9, #43201e));
    --radius: var(--seftec-radius, 12px);
    --radius-small: var(--seftec-radius-small, 8px);
    --font: var(--seftec-font, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif);
    --shadow: var(--seftec-shadow, 0 1px 2px rgb(16 24 40 / 6%), 0 4px 16px rgb(16 24 40 / 5%));
    display: block;
    color: var(--ink);
    font: 400 1rem / 1.5 var(--font);
    overflow-wrap: anywhere;
    container-type: inline-size;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  h4,
  p,
  ul,
  ol,
  dl,
  dd,
  figure {
    margin: 0;
    padding: 0;
  }
  ul[class],
  ol[class] {
    list-style: none;
  }
  h2 {
    font-size: 1.2rem;
    line-height: 1.3;
    letter-spacing: -0.01em;
  }
  h3 {
    font-size: 1rem;
    line-height: 1.4;
  }
  .card {
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    box-shadow: var(--shadow);
    padding: 1rem 1.25rem;
  }
  .muted {
    color: var(--muted);
  }
  .small {
    font-size: 0.875rem;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 0.75rem;
  }
  .stack {
    display: grid;
    gap: 1rem;
  }
  .spread {
    justify-content: space-between;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
  }
  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.5rem;
    min-height: 2.5rem;
    padding: 0.375rem 0.875rem;
    border: 1px solid var(--edge);
    border-radius: var(--radius-small);
    background: var(--card);
    color: var(--ink);
    font-weight: 550;
    text-decoration: none;
    cursor: pointer;
  }
  button:hover:not([disabled]):not([aria-disabled='true']),
  .button:hover {
    background: var(--sunken);
  }
  button.primary {
    background: var(--accent);
    border-color: var(--accent);
    color: var(--on-accent);
  }
  button.primary:hover:not([disabled]):not([aria-disabled='true']) {
    background: color-mix(in oklab, var(--accent) 88%, var(--ink));
  }
  button.plain {
    border-color: transparent;
    background: transparent;
    color: var(--accent);
    padding-inline: 0.5rem;
  }
  button.danger {
    color: var(--bad);
    border-color: var(--bad);
  }
  button[disabled],
  button[aria-disabled='true'] {
    border-style: dashed;
    color: var(--muted);
    background: var(--sunken);
    border-color: var(--line);
    cursor: not-allowed;
  }
  a {
    color: var(--accent);
    text-underline-offset: 0.15em;
  }
  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
    border-radius: 4px;
  }
  label,
  legend {
    font-weight: 550;
  }
  input:not([type='checkbox'], [type='radio']),
  select,
  textarea {
    width: 100%;
    min-height: 2.5rem;
    padding: 0.4rem 0.65rem;
    border: 1px solid var(--edge);
    border-radius: var(--radius-small);
    background: var(--card);
  }
  input[type='checkbox'],
  input[type='radio'] {
    width: 1.15rem;
    height: 1.15rem;
    accent-color: var(--accent);
  }
  [aria-invalid='true'] {
    border-color: var(--bad) !important;
    outline-color: var(--bad);
  }
  .field {
    display: grid;
    gap: 0.25rem;
  }
  .hint {
    color: var(--muted);
    font-size: 0.875rem;
  }
  .wrong {
    color: var(--bad);
    font-size: 0.875rem;
  }
  .badge {
    display: inline-flex;
    align-items: center;
    gap: 0.35rem;
    padding: 0.1rem 0.55rem;
    border-radius: 999px;
    background: var(--sunken);
    color: var(--ink);
    font-size: 0.8125rem;
    font-weight: 600;
    white-space: nowrap;
  }
  .badge.good {
    background: var(--good-tint);
    color: var(--good);
  }
  .badge.warn {
    background: var(--warn-tint);
    color: var(--warn);
  }
  .badge.bad {
    background: var(--bad-tint);
    color: var(--bad);
  }
  .badge svg,
  button svg {
    flex: none;
    width: 1rem;
    height: 1rem;
  }
  .notice {
    display: flex;
    gap: 0.75rem;
    align-items: flex-start;
    flex-wrap: wrap;
    padding: 0.75rem 1rem;
    border-radius: var(--radius-small);
    background: var(--tint);
    border: 1px solid transparent;
  }
  .notice > :first-child {
    flex: 1 1 14rem;
  }
  .notice.bad {
    background: var(--bad-tint);
    border-color: var(--bad);
  }
  .notice.warn {
    background: var(--warn-tint);
    border-color: var(--warn);
  }
  .bone {
    border-radius: 6px;
    background: var(--sunken);
    min-height: 1em;
  }
  dialog {
    width: min(34rem, calc(100vw - 2rem));
    max-height: calc(100dvh - 2rem);
    padding: 1.25rem 1.5rem;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--card);
    color: var(--ink);
    overflow: auto;
  }
  dialog::backdrop {
    background: rgb(10 14 20 / 55%);
  }
  @media (prefers-reduced-motion: no-preference) {
    .bone {
      animation: breathe 1.6s ease-in-out infinite alternate;
    }
    @keyframes breathe {
      to {
        opacity: 0.5;
      }
    }
  }
  @media (forced-colors: active) {
    .badge,
    .card,
    .notice {
      border: 1px solid;
    }
  }
`;
