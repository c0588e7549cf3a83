import { css } from 'lit';

/** What stands in the dialogs, and what is told after a change. */
export const detailStyles = css`
  .notes {
    position: sticky;
    bottom: 0.75rem;
    z-index: 4;
  }
  .notes .notice {
    margin-block-start: 0.75rem;
    width: fit-content;
    max-width: 100%;
    margin-inline: auto;
    align-items: center;
    border-color: var(--accent);
    background: var(--card);
    box-shadow: var(--shadow);
  }
  .notes .notice.bad {
    border-color: var(--bad);
    background: var(--bad-tint);
  }
  .notes .notice.warn {
    border-color: var(--warn);
    background: var(--warn-tint);
  }
  .notes .notice > :first-child {
    flex: 0 1 auto;
  }
  .notes .square {
    color: inherit;
  }
  .standing:not(.notice) .told {
    display: grid;
    gap: 0.25rem;
  }
  .told {
    display: grid;
    gap: 0.35rem;
  }
  .full {
    max-height: 18rem;
    overflow: auto;
    white-space: pre-wrap;
  }
  .facts {
    display: grid;
    gap: 0.35rem;
  }
  .facts dt {
    color: var(--muted);
    font-size: 0.875rem;
  }
  .facts dd {
    margin: 0;
  }
  .media,
  .history {
    display: grid;
    gap: 0.5rem;
  }
  .media li {
    display: flex;
    gap: 0.75rem;
  }
  .media .thumb {
    width: 4rem;
    height: 4rem;
  }
  .history li {
    display: grid;
    padding-inline-start: 0.75rem;
    border-inline-start: 3px solid var(--line);
  }
  .history time {
    font-size: 0.875rem;
    color: var(--muted);
  }
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
  }
  .choice {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 0.1rem 0.6rem;
    align-items: center;
  }
  .choice .hint {
    grid-column: 2;
  }
  .hours input {
    width: 6rem !important;
  }
`;
