import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import { icon } from '../parts/icons.ts';
import { platformMark, platformName } from '../parts/platform.ts';
import { looks, may, stateOf } from './actions.ts';
import { firstWords, type Post, shownAt } from './grouping.ts';
import type { Scene } from './scene.ts';
import { keyOf, type Say } from './words.ts';

/** A state in one or two words, with the step of a post that is going out. */
export function stateWords(post: Post, t: Say): string {
  const state = keyOf('state', post.status);
  const step = post.status === 'publishing' ? keyOf('step', post.step) : null;
  const word = state ? t(state) : post.status;
  return step ? `${word}: ${t(step)}` : word;
}

/** A state as drawing, words and colour. */
export function stateBadge(post: Post, t: Say): TemplateResult {
  const state = stateOf(post.status);
  const look = state ? looks[state] : { icon: 'question' as const, tone: '' };
  return html`<span class="state ${look.tone}">${icon(look.icon)}<span class="word">${stateWords(post, t)}</span></span>`;
}

/** The first picture of a post, small; nothing where it has none or it does not load. */
export function thumb(post: Post): TemplateResult | typeof nothing {
  const picture = post.media.find(({ kind, url }) => kind !== 'video' && /^https?:\/\//.test(url));
  if (!picture) return nothing;
  const hide = (event: Event) => (event.target as HTMLElement).remove();
  return html`<img class="thumb" src=${picture.url} alt="" width="36" height="36" loading="lazy"
    referrerpolicy="no-referrer" draggable="false" @error=${hide} />`;
}

/** One post as a button that opens it, and that can be dragged or moved by keys. */
export function chip(scene: Scene, post: Post): TemplateResult {
  const { t, times } = scene;
  const at = shownAt(post);
  const moving = scene.moving?.id === post.id ? scene.moving : null;
  const classes = {
    chip: true,
    [stateOf(post.status) ?? 'new']: true,
    armed: Boolean(moving?.byKeys),
    dragged: Boolean(moving && !moving.byKeys),
    past: Boolean(moving?.past),
    waiting: scene.isWaiting(post),
  };
  return html`<button type="button" class=${classMap(classes)} data-post=${post.id}
    aria-keyshortcuts=${!scene.isStill && may('move', post.status) ? 'M' : nothing}
    @click=${() => scene.open(post)}
    @keydown=${(event: KeyboardEvent) => scene.pressed(event, post)}
    @pointerdown=${(event: PointerEvent) => scene.grabbed(event, post)}>
    ${platformMark(post.platform)}
    <span class="lines">
      <span class="top">
        <span class="visually-hidden">${platformName(post.platform)},</span>
        ${at ? html`<b class="time">${times.clock(at)}</b>` : nothing}
        ${stateBadge(post, t)}
      </span>
      <span class="words" dir="auto">${firstWords(post.content) || t('noWords')}</span>
      <span class="where">${scene.placeOf(post)}</span>
    </span>
    ${thumb(post)}
  </button>`;
}

/** Posts as a list of such buttons. */
export function chips(scene: Scene, posts: readonly Post[]): TemplateResult {
  return html`<ul class="chips">${posts.map((post) => html`<li>${chip(scene, post)}</li>`)}</ul>`;
}
