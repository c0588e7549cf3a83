import { html, nothing, type TemplateResult } from 'lit';
import { zoneLabel } from '../core/time.ts';
import { icon } from '../parts/icons.ts';
import type { Post } from './editing.ts';
import { longTime } from './when.ts';
import type { Say } from './words.ts';

/** What came of sending. */
export interface Done {
  posts: Post[];
  what: 'schedule' | 'now' | 'draft' | 'changes';
}

interface DoneView {
  t: Say;
  locale: string;
  zone: string;
  plannerUrl: string;
  /** Called for a new post; null where there is none to write. */
  next: (() => void) | null;
}

/** Says what was done, and leads on. */
export function doneView(
  { posts, what }: Done,
  { t, locale, zone, plannerUrl, next }: DoneView,
): TemplateResult {
  return html`<section class="card stack done" aria-labelledby="done-title">
    <h2 id="done-title" tabindex="-1">${icon('check')} <span>${wordsOf()}</span></h2>
    <div class="row">
      ${plannerUrl ? html`<a class="button" href=${plannerUrl}>${t('toPlanner')}</a>` : nothing}
      ${next ? html`<button type="button" @click=${next}>${icon('pen')} ${t('writeNext')}</button>` : nothing}
    </div>
  </section>`;

  function wordsOf(): string {
    const count = posts.length;
    if (what === 'changes') return t('doneChanges');
    if (what === 'now') return t('doneNow', { count });
    const at = posts[0]?.scheduled_at;
    if (what === 'draft' || !at) return t('doneDraft', { count });
    const due = new Date(at);
    const time = `${longTime(due, zone, locale)}, ${zoneLabel(zone, due, locale)}`;
    return t('doneSchedule', { count, time });
  }
}
