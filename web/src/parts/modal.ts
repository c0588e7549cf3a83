import { html, noChange, type TemplateResult } from 'lit';
import { AsyncDirective, directive } from 'lit/async-directive.js';
import type { ElementPart } from 'lit/directive.js';

interface Modal {
  /** What it asks or is about; also its name. */
  title: string;
  content: TemplateResult;
  /** The buttons, the one that leaves everything as it is first. */
  buttons: TemplateResult;
  /** Called when it is left by Escape; a browser may also close it by itself, where Escape is pressed twice. */
  closed: () => void;
}

/** A dialog that is open as long as it is rendered. The focus stays inside it, and goes back where it was after. */
export function modal({ title, content, buttons, closed }: Modal): TemplateResult {
  const leave = (event: Event) => {
    event.preventDefault();
    closed();
  };
  return html`<dialog aria-labelledby="modal-title" ${opened()} @cancel=${leave} @close=${closed}>
    <div class="stack">
      <h2 id="modal-title">${title}</h2>
      ${content}
      <div class="row">${buttons}</div>
    </div>
  </dialog>`;
}

class Opened extends AsyncDirective {
  private dialog: HTMLDialogElement | undefined;
  private before: HTMLElement | null = null;

  override update(part: ElementPart): typeof noChange {
    if (this.dialog) return noChange;
    const dialog = part.element as HTMLDialogElement;
    this.dialog = dialog;
    this.before = focused();
    // It is rendered before it stands in the page, where alone a dialog can be opened.
    queueMicrotask(() => {
      if (dialog.isConnected && !dialog.open) dialog.showModal();
    });
    return noChange;
  }

  override render(): typeof noChange {
    return noChange;
  }

  /** A browser gives the focus back where a dialog is closed, and not where it is taken away. */
  protected override disconnected(): void {
    const { before } = this;
    queueMicrotask(() => {
      if (focused() === document.body) before?.focus();
    });
  }
}

const opened = directive(Opened);

/** What has the focus, inside every shadow root. */
function focused(): HTMLElement | null {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element as HTMLElement | null;
}
