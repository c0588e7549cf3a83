import { css } from 'lit';

/** How the planner looks; container queries, since it is embedded at any width. */
export const plannerStyles = css`
  :host {
    position: relative;
  }
  .bar {
    display: grid;
    gap: 0.75rem;
  }
  .notice + .bar {
    margin-block-start: 1rem;
  }
  .bar h2 {
    margin-inline-start: 0.25rem;
  }
  .square {
    min-width: 2.5rem;
    padding-inline: 0.5rem;
  }
  .switch {
    display: inline-flex;
  }
  .switch button {
    border-radius: 0;
    margin-inline-start: -1px;
  }
  .switch button:first-child {
    border-start-start-radius: var(--radius-small);
    border-end-start-radius: var(--radius-small);
  }
  .switch button:last-child {
    border-start-end-radius: var(--radius-small);
    border-end-end-radius: var(--radius-small);
  }
  .switch button[aria-pressed='true'] {
    background: var(--tint);
    border-color: var(--accent);
    color: var(--accent);
    z-index: 1;
  }
  .filters {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 0.5rem 0.75rem;
  }
  .filter select {
    font-weight: 400;
  }
  .short {
    display: none;
  }
  .filter {
    flex: 0 1 13rem;
    min-width: 7.5rem;
    display: grid;
    gap: 0.1rem;
    font-size: 0.875rem;
  }
  .summary {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    align-items: center;
    gap: 0 1rem;
    min-height: 2.75rem;
    font-size: 0.875rem;
  }
  .calendar {
    position: relative;
  }
  table {
    overflow: clip;
    width: 100%;
    border-collapse: separate;
    border-spacing: 0;
    table-layout: fixed;
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: var(--radius);
  }
  th {
    padding: 0.4rem 0.5rem;
    color: var(--muted);
    font-size: 0.8125rem;
    font-weight: 600;
    text-align: start;
  }
  td {
    padding: 0;
    border-block-start: 1px solid var(--line);
    border-inline-start: 1px solid var(--line);
    vertical-align: top;
  }
  .month td:first-child {
    border-inline-start: 0;
  }
  .month .cell {
    display: grid;
    align-content: start;
    gap: 0.25rem;
    min-height: 8.25rem;
    padding: 0.25rem;
  }
  td.outside {
    background: var(--page);
  }
  td.target,
  section.target {
    background: var(--tint);
    box-shadow: inset 0 0 0 2px var(--accent);
  }
  td.skipped {
    background: repeating-linear-gradient(45deg, var(--sunken) 0 6px, transparent 6px 12px);
  }
  .number,
  .more {
    justify-self: start;
    min-height: 1.75rem;
    min-width: 1.75rem;
    padding: 0 0.375rem;
    border-color: transparent;
    background: transparent;
    font-size: 0.8125rem;
    font-weight: 600;
    white-space: nowrap;
  }
  td.outside .number,
  td.bygone .number {
    color: var(--muted);
  }
  td.today .number,
  th.today .number {
    background: var(--accent);
    color: var(--on-accent);
    border-radius: 999px;
  }
  .more {
    color: var(--accent);
  }
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
  .scroll {
    position: relative;
    height: min(44rem, 75dvh);
    overflow: auto;
    border: 1px solid var(--line);
    border-radius: var(--radius);
  }
  .scroll table {
    overflow: visible;
    border: 0;
  }
  .week thead th {
    position: sticky;
    top: 0;
    z-index: 1;
    background: var(--card);
    border-block-end: 1px solid var(--line);
  }
  .week tbody td {
    height: 2.75rem;
    padding: 0.15rem;
  }
  .week tr:first-child td,
  .week tr:first-child th {
    border-block-start: 0;
  }
  .week tbody th {
    vertical-align: top;
  }
  .week th:first-child {
    width: 4.75rem;
  }
  .agenda,
  .drafts,
  .agenda section {
    display: grid;
    gap: 0.5rem;
  }
  .agenda section {
    padding: 0.75rem;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--card);
  }
  .agenda .chip,
  .drafts .chip,
  dialog .chip {
    padding: 0.4rem 0.6rem;
    font-size: 0.9375rem;
  }
  .drafts {
    margin-block-start: 1.5rem;
  }
  .drafts .chips {
    grid-template-columns: repeat(auto-fill, minmax(min(16rem, 100%), 1fr));
  }
  .keys {
    margin-block-start: 0.5rem;
  }
  .ghost {
    position: absolute;
    z-index: 5;
    display: flex;
    align-items: center;
    gap: 0.5rem;
    max-width: 18rem;
    padding: 0.35rem 0.6rem;
    border-radius: var(--radius-small);
    border: 1px solid var(--accent);
    background: var(--card);
    box-shadow: var(--shadow);
    font-size: 0.875rem;
    pointer-events: none;
  }
  .ghost.past {
    border-color: var(--bad);
    color: var(--bad);
  }
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
  .bones {
    display: grid;
    gap: 0.25rem;
  }
  .bone.title {
    width: 12rem;
    height: 2.5rem;
  }
  .bone.control {
    width: 13rem;
    height: 3.8rem;
  }
  .bone.line {
    width: 10rem;
    margin-block: 0.75rem;
  }
  .bone.day-row {
    height: 8.25rem;
  }
  @container (width < 52rem) {
    .month .chip .mark {
      display: none;
    }
    .month .chip .state .word {
      position: absolute;
      width: 1px;
      height: 1px;
      clip-path: inset(50%);
    }
  }
  @container (width < 40rem) {
    .bar h2 {
      order: -1;
      width: 100%;
      margin: 0;
    }
    .month .long {
      display: none;
    }
    .month .short {
      display: inline;
    }
    .filter {
      flex: 1 1 7.5rem;
    }
    .month .cell {
      min-height: 5.5rem;
      padding: 0.1rem;
    }
    .month th {
      padding-inline: 0.1rem;
      text-align: center;
    }
    .month .chip {
      grid-template: 'lines' auto / auto;
      justify-content: center;
      align-items: center;
      padding: 0.1rem;
      min-height: 1.75rem;
      border-inline-start-width: 2px;
    }
    .month .chip .words,
    .month .chip .time {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    .month .chip .thumb {
      display: none;
    }
    .bone.day-row {
      height: 5.5rem;
    }
    .bone.control {
      width: 8rem;
    }
  }
`;
