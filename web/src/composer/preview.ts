import { html, nothing, type TemplateResult } from 'lit';
import { avatar } from '../parts/avatar.ts';
import { platformName } from '../parts/platform.ts';
import type { Desk } from './desk.ts';
import { contentAt, type Media, type TargetDraft } from './draft.ts';
import { nameOf } from './media-list.ts';
import { valueAt } from './options.ts';
import type { Place } from './places.ts';
import { wordFor } from './words.ts';

/** More than this is never seen at once; it keeps typing fluid beside a very long text. */
const SHOWN = 3_000;
const MEDIA_SHOWN = 4;

/** What the platforms' ways of showing a post differ in. */
interface Look {
  isMediaFirst?: true;
  hasTitle?: true;
}
const LOOKS: Record<string, Look> = {
  instagram: { isMediaFirst: true },
  google: { isMediaFirst: true },
  youtube: { isMediaFirst: true, hasTitle: true },
  github: { hasTitle: true },
};

/** About how the post will look at each chosen place. */
export function previewsView(desk: Desk): TemplateResult {
  const { t, draft, places } = desk;
  const cards = draft.targets.flatMap((target) => {
    const place = places.get(target.connectionId);
    return place ? [previewView(desk, place, target)] : [];
  });
  return html`<section class="stack tight" aria-labelledby="preview-title">
    <h2 id="preview-title">${t('preview')}</h2>
    <p class="hint">${cards.length ? t('previewHint') : t('previewNone')}</p>
    ${cards}
  </section>`;
}

function previewView(desk: Desk, place: Place, target: TargetDraft): TemplateResult {
  const { t, draft } = desk;
  const { content, media } = contentAt(draft, target);
  const look = LOOKS[place.platform] ?? {};
  const title = look.hasTitle ? titleOf(target, content) : '';
  const words = html`${title ? html`<p class="title" dir="auto">${title}</p>` : nothing}
    <p class="words" dir="auto">${textView(desk, content)}</p>`;
  const pictures = media.length ? mediaView(desk, media) : nothing;
  return html`<article class="card preview look-${place.platform}" aria-label="${t('preview')}: ${place.name}, ${platformName(place.platform)}">
    <div class="row who">
      ${avatar(place.name, place.platform)}
      <span><b><bdi>${place.name}</bdi></b>
        <span class="muted small">${platformName(place.platform)} · ${t('now')}</span></span>
    </div>
    ${look.isMediaFirst ? html`${pictures}${words}` : html`${words}${pictures}`}
    ${linkView(target)}${buttonView(desk, target)}
  </article>`;
}

function textView({ t }: Desk, content: string): TemplateResult {
  if (!content.trim()) return html`<span class="muted">${t('previewEmpty')}</span>`;
  if (content.length <= SHOWN) return html`${content}`;
  const start = content.slice(0, SHOWN).replace(/[\ud800-\udbff]$/, '');
  return html`${start} <span class="muted">${t('previewMore', { count: content.length - SHOWN })}</span>`;
}

function titleOf(target: TargetDraft, content: string): string {
  const given = valueAt(target.options, 'title');
  if (typeof given === 'string' && given.trim()) return given;
  const line = content
    .slice(0, SHOWN)
    .split('\n')
    .find((one) => one.trim());
  return (line ?? '').replace(/^[#>*\s-]+/, '').slice(0, 120);
}

function mediaView(desk: Desk, media: Media[]): TemplateResult {
  const shown = media.slice(0, MEDIA_SHOWN);
  return html`<div class="pictures of-${shown.length}">
    ${shown.map(({ url, altText }) =>
      desk.served.has(url) && !/\.(mp4|mov|m4v|webm)(?:[?#]|$)/i.test(url)
        ? html`<img src=${url} alt=${altText} referrerpolicy="no-referrer" @error=${hide} @load=${unhide} />`
        : html`<span class="tile small"><bdi>${nameOf(url)}</bdi></span>`,
    )}
    ${media.length > MEDIA_SHOWN ? html`<span class="tile">+${media.length - MEDIA_SHOWN}</span>` : nothing}
  </div>`;
}

const hide = (event: Event) => {
  (event.target as HTMLElement).hidden = true;
};
const unhide = (event: Event) => {
  (event.target as HTMLElement).hidden = false;
};

function linkView(target: TargetDraft): TemplateResult | typeof nothing {
  const link = valueAt(target.options, 'link');
  return typeof link === 'string' && link ? html`<p class="link small"><bdi>${link}</bdi></p>` : nothing;
}

function buttonView({ t }: Desk, target: TargetDraft): TemplateResult | typeof nothing {
  const type = valueAt(target.options, 'call_to_action.type');
  return typeof type === 'string' && type
    ? html`<p><span class="look-button">${wordFor(t, 'choice', type)}</span></p>`
    : nothing;
}
