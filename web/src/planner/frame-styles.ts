import { css } from 'lit';

/** The planner's head, its calendars and its lists. */
export const frameStyles = css`
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
    flex: 1 1 4.75rem;
    max-width: 13rem;
    min-width: 0;
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
  .summary + .notice {
    margin-block-end: 0.5rem;
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
    white-space: nowrap;
    vertical-align: top;
  }
  .week th:first-child {
    width: 5.25rem;
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
  .bones {
    display: grid;
    gap: 0.25rem;
  }
  .bone.title {
    width: 12rem;
    height: 2.5rem;
  }
  .bone.control {
    flex: 1 1 4.75rem;
    max-width: 13rem;
    height: 3.8rem;
  }
  .bone.line {
    width: 10rem;
    margin-block: 0.75rem;
  }
  .bone.day-row {
    height: 8.25rem;
  }
`;
