import { css } from 'lit';

/** One post in a calendar or a list, and its state. */
export const chipStyles = css`
  ul.chips {
    display: grid;
    gap: 0.25rem;
  }
  .chip {
    display: grid;
    grid-template: 'mark lines thumb' auto / auto 1fr auto;
    justify-content: start;
    align-items: start;
    gap: 0.2rem 0.375rem;
    width: 100%;
    min-height: 2.5rem;
    padding: 0.2rem 0.3rem;
    border: 1px solid var(--line);
    border-inline-start: 3px solid var(--edge);
    border-radius: 6px;
    background: var(--card);
    font-size: 0.8125rem;
    font-weight: 400;
    line-height: 1.3;
    text-align: start;
    touch-action: manipulation;
    user-select: none;
    -webkit-touch-callout: none;
  }
  .chip .mark {
    grid-area: mark;
    width: 1.375rem;
    height: 1.375rem;
    border-radius: 6px;
    font-size: 0.65rem;
  }
  .chip .lines {
    grid-area: lines;
    min-width: 0;
    display: grid;
  }
  .chip .top {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 0.4rem;
    min-width: 0;
  }
  .chip .time {
    white-space: nowrap;
  }
  .chip .words,
  .chip .where,
  .chip .state .word {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .chip .where {
    color: var(--muted);
  }
  .chip .thumb {
    grid-area: thumb;
  }
  table .chip {
    grid-template: 'mark lines' auto 'thumb lines' 1fr / auto 1fr;
  }
  table .chip .thumb {
    width: 1.375rem;
    height: 1.375rem;
    border-radius: 4px;
  }
  table .chip .where {
    display: none;
  }
  .state {
    display: inline-flex;
    align-items: center;
    gap: 0.25rem;
    min-width: 0;
    color: var(--muted);
    font-weight: 600;
  }
  .state svg {
    flex: none;
    width: 0.875rem;
    height: 0.875rem;
  }
  .state.good {
    color: var(--good);
  }
  .state.warn {
    color: var(--warn);
  }
  .state.bad {
    color: var(--bad);
  }
  .state.busy {
    color: var(--accent);
  }
  .chip.published {
    border-inline-start-color: var(--good);
  }
  .chip.held,
  .chip.unknown {
    border-inline-start-color: var(--warn);
  }
  .chip.failed,
  .chip.missed {
    border-inline-start-color: var(--bad);
  }
  .chip.scheduled,
  .chip.publishing {
    border-inline-start-color: var(--accent);
  }
  .chip.draft {
    border-style: dashed;
  }
  .chip.canceled .words {
    text-decoration: line-through;
  }
  .chip.waiting {
    border-style: dotted;
  }
  .chip.dragged {
    border-style: dashed;
    border-color: var(--accent);
  }
  .chip.armed {
    background: var(--tint);
    outline: 3px solid var(--accent);
    outline-offset: 1px;
  }
  .chip.armed.past {
    background: var(--bad-tint);
    outline-color: var(--bad);
  }
  .thumb {
    flex: none;
    width: 2.25rem;
    height: 2.25rem;
    border-radius: 6px;
    object-fit: cover;
    background: var(--sunken);
  }
`;
