let last: Element | null = null;

/**
 * Drops the second click of a double click where the first one brought something else under the pointer: a dialog's
 * button that is gone, and what stands there now was never read.
 */
export function dropStrayClick(event: MouseEvent): void {
  const control = event.composedPath().find(isControl) ?? null;
  if (!control) return;
  if (event.detail > 1 && control !== last) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else last = control;
}

function isControl(one: EventTarget): one is Element {
  return one instanceof Element && one.matches('button, a');
}
