import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../parts/icons.ts';
import type { Note } from './changes.ts';
import type { Say } from './words.ts';

/** What came of a change, with what can be done about it. A refusal interrupts; anything else waits its turn. */
export function noteOf(note: Note | null, t: Say, done: () => void): TemplateResult {
  return html`<div class="notes" role=${note?.tone === 'bad' ? 'alert' : 'status'}>
    ${
      note
        ? html`<div class="notice ${note.tone}">
            <p>${note.text}</p>
            <div class="row">
              ${note.choices.map(
                ({ label, run }) =>
                  html`<button type="button" @click=${() => {
                    done();
                    run();
                  }}>${label}</button>`,
              )}
              <button type="button" class="square plain" aria-label=${t('dismiss')} @click=${done}>${icon('cross')}</button>
            </div>
          </div>`
        : nothing
    }
  </div>`;
}
