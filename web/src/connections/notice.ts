import { html, nothing, type TemplateResult } from 'lit';
import type { Say } from './words.ts';

/** What came of the newest thing that was done. */
export interface Notice {
  tone: '' | 'bad';
  text: string;
}

/** The notice, until it is dismissed; its place stays, so that screen readers hear what comes there. */
export function said(notice: Notice | null, t: Say, dismiss: () => void): TemplateResult {
  return html`<div class="said" role="status">
    ${
      notice
        ? html`<div class="notice ${notice.tone}">
          <p>${notice.text}</p>
          <button type="button" class="plain" @click=${dismiss}>${t('dismiss')}</button>
        </div>`
        : nothing
    }
  </div>`;
}
