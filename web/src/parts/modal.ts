import { html, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';

interface Modal {
  /** What it asks or is about; also its name. */
  title: string;
  content: TemplateResult;
  /** The buttons, the one that leaves everything as it is first. */
  buttons: TemplateResult;
  /** Called when it is left by Escape; a browser may also close it by itself, where Escape is pressed twice. */
  closed: () => void;
}

/**
 * A dialog that is open as long as it is rendered. The browser keeps the focus inside it and gives it back after.
 */
export function modal({ title, content, buttons, closed }: Modal): TemplateResult {
  const open = (element?: Element) => {
    const dialog = element as HTMLDialogElement | undefined;
    // It is told before it stands in the page, where alone a dialog can be opened.
    queueMicrotask(() => {
      if (dialog?.isConnected && !dialog.open) dialog.showModal();
    });
  };
  const leave = (event: Event) => {
    event.preventDefault();
    closed();
  };
  return html`<dialog aria-labelledby="modal-title" ${ref(open)} @cancel=${leave} @close=${closed}>
    <div class="stack">
      <h2 id="modal-title">${title}</h2>
      ${content}
      <div class="row">${buttons}</div>
    </div>
  </dialog>`;
}
