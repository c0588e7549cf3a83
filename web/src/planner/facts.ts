import { html, nothing, type TemplateResult } from 'lit';
import { zoneLabel } from '../core/time.ts';
import { icon } from '../parts/icons.ts';
import { platformMark, platformName } from '../parts/platform.ts';
import { common } from '../parts/standing.ts';
import { stateBadge, thumb } from './chip.ts';
import type { Post } from './grouping.ts';
import type { Times } from './times.ts';
import { type Key, keyOf, type Say } from './words.ts';

/** What a post says, where it goes, when, and how it stands with what helps. */
export function facts(post: Post, place: string, t: Say, times: Times): TemplateResult {
  return html`
    <p class="row">${platformMark(post.platform)}<b>${place}</b><span class="muted">${platformName(post.platform)}</span></p>
    ${state(post, t, times)}
    <dl class="facts">
      ${time('planned', post.scheduled_at, t, times)} ${time('postedAt', post.posted_at, t, times)}
    </dl>
    <section aria-labelledby="text">
      <h3 id="text">${t('text')}</h3>
      <p class="full" dir="auto">${post.content || t('noWords')}</p>
    </section>
    ${media(post, t)} ${permalink(post, t, times)}
  `;
}

function state(post: Post, t: Say, times: Times): TemplateResult {
  const means = keyOf('means', post.status);
  const next = keyOf('next', post.status);
  const detail = word(post, 'detail');
  const action = word(post, 'action');
  const retryAt = Date.parse(word(post, 'retry_at'));
  const tone = { held: 'warn', unknown: 'warn', failed: 'bad', missed: 'bad' }[post.status];
  const body = html`<p>${stateBadge(post, t)}</p>
    <p>${means ? t(means) : ''}</p>
    ${detail ? html`<p><b>${t('whatHappened')}:</b> <span dir="auto">${detail}</span></p>` : nothing}
    ${
      action || next
        ? html`<p><b>${t('whatNext')}:</b> <span dir="auto">${action || (next ? t(next) : '')}</span></p>`
        : nothing
    }
    ${Number.isNaN(retryAt) ? nothing : html`<p>${t('triesAgain', { time: times.full(new Date(retryAt)) })}</p>`}`;
  return html`<div class="standing ${tone ? `notice ${tone}` : ''}"><div class="told" role="status">${body}</div></div>`;
}

/** What the publisher wrote of the cause; it knows more kinds than this page. */
function word(post: Post, name: string): string {
  const told = post.error?.[name];
  return typeof told === 'string' ? told : '';
}

function time(key: Key, at: string | null, t: Say, times: Times): TemplateResult | typeof nothing {
  if (!at) return nothing;
  const instant = new Date(at);
  const zone = zoneLabel(times.zone, instant, times.locale);
  return html`<div><dt>${t(key)}</dt>
    <dd><time datetime=${at}>${t('inZone', { time: times.full(instant), zone })}</time></dd></div>`;
}

function media(post: Post, t: Say): TemplateResult | typeof nothing {
  if (!post.media.length) return nothing;
  return html`<section aria-labelledby="media">
    <h3 id="media">${t('media')}</h3>
    <ul class="media">
      ${post.media.map((one) => {
        const kind = ['image', 'gif', 'video'].includes(one.kind) ? (one.kind as Key) : null;
        return html`<li>
          ${thumb({ ...post, media: [one] })}
          <span><b>${kind ? t(kind) : one.kind}</b><br />
            <span class=${one.alt_text ? '' : 'muted'} dir="auto">${one.alt_text ? t('alt', { text: one.alt_text }) : t('noAlt')}</span></span>
        </li>`;
      })}
    </ul>
  </section>`;
}

function permalink(
  { permalink: url, platform }: Post,
  t: Say,
  times: Times,
): TemplateResult | typeof nothing {
  if (!url || !/^https?:\/\//.test(url)) return nothing;
  return html`<p><a href=${url} target="_blank" rel="noopener noreferrer">${t('permalink', { platform: platformName(platform) })}
    ${icon('external')}<span class="visually-hidden">(${common(times.locale, 'newTab')})</span></a></p>`;
}
