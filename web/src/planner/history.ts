import { html, nothing, type TemplateResult } from 'lit';
import type { components } from '../api/generated/publisher.d.ts';
import type { Times } from './times.ts';
import { keyOf, type Say } from './words.ts';

export type Attempt = components['schemas']['AttemptOut'];

/** What was tried for a post, in plain words, the newest first. */
export function history(
  attempts: readonly Attempt[] | 'reading' | 'failed',
  t: Say,
  times: Times,
): TemplateResult | typeof nothing {
  if (attempts === 'reading') return html`<p class="hint">${t('historyLoading')}</p>`;
  if (attempts === 'failed') return html`<p class="hint">${t('historyFailed')}</p>`;
  if (!attempts.length) return nothing;
  return html`<section aria-labelledby="history">
    <h3 id="history">${t('history')}</h3>
    <ol class="history" reversed>
      ${[...attempts].reverse().map(
        (attempt) => html`<li>
          <time datetime=${attempt.started_at}>${times.full(new Date(attempt.started_at))}</time>
          <span>${outcome(attempt, t)} ${told(attempt.error)}</span>
          ${looks(attempt, t, times)}
        </li>`,
      )}
    </ol>
  </section>`;
}

function outcome({ outcome: word, step }: Attempt, t: Say): string {
  const key = keyOf('attempt', word);
  if (key) return t(key);
  const going = keyOf('step', step);
  return word ?? t('attempt_open', { step: going ? t(going) : step });
}

function told(error: Attempt['error']): string {
  return typeof error?.detail === 'string' ? error.detail : '';
}

function looks({ looks: all }: Attempt, t: Say, times: Times): TemplateResult | typeof nothing {
  const last = all.at(-1)?.at;
  if (typeof last !== 'string') return nothing;
  return html`<span class="muted">${t('looks', { count: all.length, time: times.full(new Date(last)) })}</span>`;
}
