import { html, type TemplateResult } from 'lit';
import { modal } from '../parts/modal.ts';
import { platformName } from '../parts/platform.ts';
import { common } from '../parts/standing.ts';
import { type Connection, nameOf } from './data.ts';
import type { Say } from './words.ts';

interface Answers {
  leave: () => void;
  unlink: (connection: Connection) => void;
}

/** Asks before a place is unlinked, and says what that will do. `waiting` is null where the number is not known. */
export function unlinking(
  connection: Connection,
  waiting: number | null,
  t: Say,
  locale: string,
  answers: Answers,
): TemplateResult {
  const name = nameOf(connection);
  const platform = platformName(connection.platform);
  const posts =
    waiting === null
      ? t('unlinkSome')
      : waiting === 0
        ? t('unlinkNone')
        : t('unlinkPosts', { count: waiting });
  return modal({
    title: t('unlinkTitle', { name }),
    content: html`<ul class="stack">
      <li>${posts}</li>
      <li>${t('unlinkKept', { platform })}</li>
      <li>${t('unlinkToken', { platform })}</li>
    </ul>`,
    buttons: html`<button type="button" @click=${answers.leave}>${common(locale, 'cancel')}</button>
      <button type="button" class="danger" @click=${() => answers.unlink(connection)}>${t('unlink')}</button>`,
    closed: answers.leave,
  });
}
