import { html, nothing, type TemplateResult } from 'lit';
import { platformMark, platformName } from '../parts/platform.ts';
import type { Platform } from './data.ts';
import { keyOr, type Say } from './words.ts';

/** The platforms that can be linked; one button each, or one per kind of place where they need consents of their own. */
export function linking(
  platforms: Platform[],
  busy: string,
  t: Say,
  link: (platform: string, kind?: string) => void,
): TemplateResult {
  const inOrder = [...platforms].sort((one, other) =>
    platformName(one.platform).localeCompare(platformName(other.platform)),
  );
  return html`<section class="stack" aria-labelledby="link-title">
    <h2 id="link-title">${t('linkTitle')}</h2>
    <ul class="platforms">
      ${inOrder.flatMap(({ platform, configured, linkable_kinds: kinds }) =>
        (kinds.length > 1 ? kinds : [undefined]).map(
          (kind) => html`<li>
            ${button(platform, kind, configured, busy, t, link)}
            ${configured ? nothing : html`<p class="hint" id=${`off-${platform}`}>${t('notConfigured')}</p>`}
          </li>`,
        ),
      )}
    </ul>
  </section>`;
}

function button(
  platform: string,
  kind: string | undefined,
  configured: boolean,
  busy: string,
  t: Say,
  link: (platform: string, kind?: string) => void,
): TemplateResult {
  const name = platformName(platform);
  const opening = busy === `${platform} ${kind ?? ''}`;
  const words = kind
    ? t('linkKind', { platform: name, kind: t(keyOr(`kind.${kind}`, 'kind.account')) })
    : t('link', { platform: name });
  return html`<button
    type="button"
    aria-disabled=${!configured || busy !== ''}
    aria-describedby=${configured ? nothing : `off-${platform}`}
    @click=${() => configured && link(platform, kind)}
  >
    ${platformMark(platform)}<span>${opening ? t('opening', { platform: name }) : words}</span>
  </button>`;
}
