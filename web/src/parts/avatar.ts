import { css, html, type TemplateResult } from 'lit';
import { platformMark, platformStyles } from './platform.ts';

/** The picture of an account with its platform's mark; the mark alone where there is no picture or it does not load. */
export function avatar(url: string | null, platform: string): TemplateResult {
  if (!url || !/^https?:\/\//.test(url)) return platformMark(platform);
  const hide = (event: Event) => (event.target as HTMLElement).remove();
  return html`<span class="avatar">
    ${platformMark(platform)}<img src=${url} alt="" width="40" height="40" loading="lazy" referrerpolicy="no-referrer" @error=${hide} />
  </span>`;
}

export const avatarStyles = [
  platformStyles,
  css`
    .avatar {
      position: relative;
      display: inline-block;
      flex: none;
      width: 2.75rem;
      height: 2.5rem;
    }
    .avatar img {
      width: 2.5rem;
      height: 2.5rem;
      border-radius: 50%;
      object-fit: cover;
      background: var(--sunken);
    }
    .avatar .mark {
      position: absolute;
      right: -0.1rem;
      bottom: -0.2rem;
      width: 1.2rem;
      height: 1.2rem;
      border: 2px solid var(--card);
      border-radius: 6px;
      font-size: 0.55rem;
    }
    .avatar .mark:only-child {
      inset: 0;
      width: 2.5rem;
      height: 2.5rem;
      border: 0;
      border-radius: 50%;
      font-size: 1rem;
    }
  `,
];
