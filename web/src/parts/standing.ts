import { html, nothing, type TemplateResult } from 'lit';
import type { Standing } from '../core/element.ts';
import { languageOf, say } from '../core/messages.ts';
import { ApiProblem, SignInNeeded, Unreachable } from '../core/problem.ts';
import de from './messages/de.json' with { type: 'json' };
import en from './messages/en.json' with { type: 'json' };

const words = { en, de };

/** A sentence that every element needs: about waiting, failing and signing in. */
export function common(
  locale: string,
  key: keyof typeof en,
  values: Record<string, string | number> = {},
): string {
  return say(words[languageOf(locale)][key], values, locale);
}

interface Stand {
  standing: Standing;
  trouble: unknown;
  slow: boolean;
  locale: string;
  retry: () => void;
}

/**
 * The frame around every view: its skeleton while it waits, the view once it has data, and words with a way on where it
 * has none. Data that are shown stay shown when a later look fails; a line above says how old they may be.
 */
export function standing(
  stand: Stand,
  skeleton: () => TemplateResult,
  view: () => TemplateResult,
): TemplateResult {
  const { locale } = stand;
  switch (stand.standing) {
    case 'ready':
      return html`${stand.trouble ? stale(stand) : nothing}${view()}`;
    case 'waiting':
    case 'loading':
      return html`<div aria-busy="true">
        <p class="visually-hidden" role="status">${common(locale, 'loading')}</p>
        ${stand.slow ? html`<p class="notice" role="status">${common(locale, 'slow')}</p>` : nothing}
        <div aria-hidden="true">${skeleton()}</div>
      </div>`;
    case 'signed-out':
      return html`<div class="notice warn" role="alert">
        <p><b>${common(locale, 'signedOut')}</b> ${common(locale, 'signedOutNext')}</p>
        ${again(stand)}
      </div>`;
    default:
      return html`<div class="notice bad" role="alert">
        <p>${inWords(stand.trouble, locale)}</p>
        ${again(stand)}
      </div>`;
  }
}

function stale(stand: Stand): TemplateResult {
  return html`<div class="notice warn" role="status">
    <p>${inWords(stand.trouble, stand.locale)} ${common(stand.locale, 'stale')}</p>
    ${again(stand)}
  </div>`;
}

function again(stand: Stand): TemplateResult {
  return html`<button type="button" @click=${stand.retry}>${common(stand.locale, 'tryAgain')}</button>`;
}

/** Why a look did not work, in plain words; it is repeated by itself. Never the inside of an error. */
export function inWords(error: unknown, locale: string): string {
  if (error instanceof Unreachable) return common(locale, navigator.onLine ? 'unreachable' : 'offline');
  if (!(error instanceof ApiProblem)) return common(locale, 'unexpected');
  if (error.status === 429) return common(locale, 'tooMany', { seconds: error.retryAfter ?? 60 });
  if (error.status >= 500) return common(locale, 'serverDown');
  return error.action ? `${error.message} ${error.action}` : error.message;
}

/** Why what somebody asked for was not done, and what to do: nothing repeats it by itself. */
export function refusedInWords(error: unknown, locale: string): string {
  if (error instanceof Unreachable) return common(locale, navigator.onLine ? 'notReached' : 'notOffline');
  if (error instanceof SignInNeeded)
    return `${common(locale, 'signedOut')} ${common(locale, 'signedOutNext')}`;
  if (!(error instanceof ApiProblem)) return common(locale, 'unexpected');
  if (error.status === 429) return common(locale, 'notSoOften', { seconds: error.retryAfter ?? 60 });
  if (error.status >= 500) return common(locale, 'notNow');
  return inWords(error, locale);
}
