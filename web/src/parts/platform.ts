import { css, html, type TemplateResult } from 'lit';

const marks: Record<string, { name: string; letters: string }> = {
  facebook: { name: 'Facebook', letters: 'f' },
  x: { name: 'X', letters: 'X' },
  instagram: { name: 'Instagram', letters: 'Ig' },
  linkedin: { name: 'LinkedIn', letters: 'in' },
  youtube: { name: 'YouTube', letters: 'Yt' },
  google: { name: 'Google Business Profile', letters: 'G' },
  github: { name: 'GitHub', letters: 'Gh' },
};

/** A platform's name as people write it; one that is new here as the API spells it. */
export function platformName(platform: string): string {
  return marks[platform]?.name ?? platform;
}

/** A small mark that tells platforms apart at a glance; always beside a name, so it is silent to screen readers. */
export function platformMark(platform: string): TemplateResult {
  return html`<span class="mark mark-${platform}" aria-hidden="true">${marks[platform]?.letters ?? '?'}</span>`;
}

export const platformStyles = css`
  .mark {
    display: inline-grid;
    place-items: center;
    flex: none;
    width: 2rem;
    height: 2rem;
    border-radius: 8px;
    background: #3c4656;
    color: #fff;
    font: 700 0.9rem / 1 var(--font);
    letter-spacing: -0.02em;
  }
  .mark-facebook {
    background: #0b5fcc;
  }
  .mark-x {
    background: #16181c;
    box-shadow: inset 0 0 0 1px #5b6472;
  }
  .mark-instagram {
    background: #b3276f;
  }
  .mark-linkedin {
    background: #0a5fae;
  }
  .mark-youtube {
    background: #c4161c;
  }
  .mark-google {
    background: #1a7340;
  }
  .mark-github {
    background: #4a3a86;
  }
`;
