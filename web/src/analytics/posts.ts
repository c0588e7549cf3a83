import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../parts/icons.ts';
import { platformMark, platformName } from '../parts/platform.ts';
import { common } from '../parts/standing.ts';
import type { Post, Posts } from './data.ts';
import type { Directory } from './directory.ts';
import { COUNTS, METRICS } from './figures.ts';
import { POST_KEYS, type PostKey, type Sort } from './sorting.ts';
import type { Speaker } from './speaker.ts';

interface PostsView {
  speaker: Speaker;
  shown: Posts;
  directory: Directory;
  sort: Sort<PostKey>;
  sorted: (sort: Sort<PostKey>) => void;
  /** The one account whose posts are shown; empty for all. */
  onlyOf: string;
  showAll: () => void;
  open: (postId: string) => void;
  more: () => void;
  isBusy: boolean;
  /** Why the next page did not come. */
  moreTrouble: string;
}

/** The posts of a period with their newest numbers. */
export function posts(view: PostsView): TemplateResult {
  const { speaker, shown, onlyOf, showAll } = view;
  const { t } = speaker;
  return html`<div class="page">
    ${
      onlyOf
        ? html`<div class="row"><span>${t('onlyOf', { name: onlyOf })}</span>
          <button type="button" class="plain" @click=${showAll}>${t('showAll')}</button></div>`
        : nothing
    }
    ${
      shown.posts.length
        ? html`${order(view)}
          <ul class="stack list">${shown.posts.map((post) => item(post, view))}</ul>
          ${foot(view)}`
        : html`<div class="card empty">
          <h3>${t('noPostsListed')}</h3>
          <p class="muted">${t('noPostsListedNext')}</p>
        </div>`
    }
  </div>`;
}

function order({ speaker: { t }, sort, sorted }: PostsView): TemplateResult {
  const isTime = sort.key === 'posted_at';
  const [first, last] = isTime
    ? (['newestFirst', 'oldestFirst'] as const)
    : (['mostFirst', 'leastFirst'] as const);
  const change = (event: Event) =>
    sorted({ key: (event.target as HTMLSelectElement).value as PostKey, descending: true });
  return html`<div class="row">
    <label for="sort">${t('sortBy')}</label>
    <select id="sort" class="pick" @change=${change}>
      ${POST_KEYS.map((key) => html`<option value=${key} .selected=${key === sort.key}>${t(key)}</option>`)}
    </select>
    <button type="button" @click=${() => sorted({ ...sort, descending: !sort.descending })}>
      ${icon(sort.descending ? 'down' : 'up')}${t(sort.descending ? first : last)}
    </button>
  </div>`;
}

function item(post: Post, view: PostsView): TemplateResult {
  const { speaker, directory, open } = view;
  const { t } = speaker;
  return html`<li class="card post">
    <div class="who">
      ${platformMark(post.platform)}
      <div>
        <button type="button" class="plain" @click=${() => open(post.post_id)}>
          <bdi>${nameOf(post, directory, speaker)}</bdi>
        </button>
        <div class="small muted">
          <bdi>${directory.nameOf(post)}</bdi> · ${t('wentLive', { when: speaker.when(post.posted_at) })}
        </div>
      </div>
    </div>
    ${facts(post, directory, speaker)}
  </li>`;
}

/** What a post is called: its first words, or its platform where it has none or they are not known. */
export function nameOf(post: Post, directory: Directory, { t }: Speaker): string {
  const text = directory.textOf(post.post_id);
  if (text) return text;
  return text === '' ? t('postWithoutText') : t('postOn', { platform: platformName(post.platform) });
}

function facts(post: Post, directory: Directory, speaker: Speaker): TemplateResult {
  const { t } = speaker;
  const numbers = { ...post.metrics, engagement_rate: post.engagement_rate };
  const told = METRICS.filter((metric) => numbers[metric] !== null);
  const absent = COUNTS.filter((metric) => numbers[metric] === null).map((metric) => t(metric));
  return html`
    ${
      told.length
        ? html`<dl class="facts">
          ${told.map((metric) => html`<div><dt>${t(metric)}</dt><dd>${speaker.write(metric, numbers[metric]!)}</dd></div>`)}
        </dl>`
        : nothing
    }
    <p class="small muted">
      ${absence(post, directory, speaker) || (absent.length ? t('notReportedList', { metrics: absent.join(', ') }) : nothing)}
    </p>
    ${marks(post, speaker)}
  `;
}

/** Why a post has no numbers at all; empty where it has some. */
export function absence(post: Post, directory: Directory, { t }: Speaker): string {
  if (post.collected_at) return '';
  if (directory.isSilent(post.platform)) return t('postSilent', { platform: platformName(post.platform) });
  return post.is_collected ? t('postNotYet') : t('notReported');
}

/** What else is to know of a post, and the way to it. */
export function marks(post: Post, speaker: Speaker): TemplateResult {
  const { t } = speaker;
  const platform = platformName(post.platform);
  const isWeb = /^https?:\/\//.test(post.permalink ?? '');
  return html`
    ${post.gone_at ? html`<p class="small">${icon('warning')} ${t('goneSince', { when: speaker.when(post.gone_at) })}</p>` : nothing}
    ${post.may_be_duplicate ? html`<p class="small">${icon('warning')} ${t('mayBeDuplicate')}</p>` : nothing}
    ${
      isWeb
        ? html`<p class="small"><a href=${post.permalink!} target="_blank" rel="noopener noreferrer">${t('openOn', { platform })}${icon('external')}<span class="visually-hidden">, ${common(speaker.locale, 'newTab')}</span></a></p>`
        : nothing
    }
  `;
}

function foot({ speaker: { t }, shown, more, isBusy, moreTrouble }: PostsView): TemplateResult {
  return html`<div class="row spread">
    <p class="small muted" role="status">${t('shown', { count: shown.posts.length })}</p>
    ${moreTrouble ? html`<p class="wrong" role="alert">${moreTrouble}</p>` : nothing}
    ${
      shown.cursor
        ? html`<button type="button" aria-disabled=${isBusy ? 'true' : 'false'} @click=${more}>${t('showMore')}</button>`
        : nothing
    }
  </div>`;
}

/** The shape of the list before its posts. */
export function postsBones(): TemplateResult {
  return html`<div class="page">
    <div class="bone title"></div>
    ${[1, 2, 3].map(() => html`<div class="card"><div class="bone line"></div><div class="bone line"></div></div>`)}
  </div>`;
}
