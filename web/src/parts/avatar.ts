import { css, html, type TemplateResult } from 'lit';
import { platformMark, platformStyles } from './platform.ts';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * The first letter of an account with its platform's mark. Its picture lies at the platform, which would learn from
 * the request who looks at what, so it is not loaded.
 */
export function avatar(name: string, platform: string): TemplateResult {
  const [first] = segmenter.segment(name.replace(/^[\s@#\p{C}]+/u, ''));
  return html`<span class="avatar" aria-hidden="true">${first?.segment.toUpperCase()}${platformMark(platform)}</span>`;
}

export const avatarStyles = [
  platformStyles,
  css`
    .avatar {
      position: relative;
      display: inline-grid;
      place-items: center;
      flex: none;
      width: 2.5rem;
      height: 2.5rem;
      margin-right: 0.25rem;
      border-radius: 50%;
      background: var(--tint);
      color: var(--ink);
      font-weight: 650;
      font-size: 1.05rem;
    }
    .avatar .mark {
      position: absolute;
      right: -0.35rem;
      bottom: -0.25rem;
      width: 1.25rem;
      height: 1.25rem;
      border: 2px solid var(--card);
      border-radius: 6px;
      font-size: 0.55rem;
    }
  `,
];
