import { css } from 'lit';
import { platformStyles } from '../parts/platform.ts';

/** The look of the numbers: tiles, the table of accounts that folds when narrow, the list of posts. */
export const analyticsStyles = [
  platformStyles,
  css`
    .page,
    .header {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: 1.25rem;
    }
    .header {
      gap: 0.75rem;
      margin-bottom: 1.25rem;
    }
    .header h2 {
      display: flex;
      align-items: center;
      gap: 0.6rem;
      min-height: 2rem;
    }
    .header h2:focus:not(:focus-visible) {
      outline: none;
    }
    nav .row {
      gap: 0.25rem;
    }
    nav button[aria-current] {
      background: var(--tint);
      color: var(--ink);
    }
    fieldset {
      min-width: 0;
      margin: 0;
      padding: 0;
      border: 0;
    }
    .choices {
      display: inline-flex;
      flex-wrap: wrap;
      border: 1px solid var(--edge);
      border-radius: var(--radius-small);
      background: var(--card);
      overflow: clip;
    }
    .choices label {
      position: relative;
      display: inline-flex;
      align-items: center;
      min-height: 2.25rem;
      padding: 0.25rem 0.75rem;
      cursor: pointer;
      font-size: 0.875rem;
    }
    @container (max-width: 22rem) {
      .choices label {
        padding-inline: 0.4rem;
        font-size: 0.8125rem;
      }
    }
    .choices label:hover {
      background: var(--sunken);
    }
    .choices label:has(:checked) {
      background: var(--accent);
      color: var(--on-accent);
    }
    .choices label:has(:focus-visible) {
      outline: 3px solid var(--accent);
      outline-offset: -3px;
    }
    .choices label:has(:checked:focus-visible) {
      outline-color: var(--on-accent);
    }
    .choices input {
      position: absolute;
      inset: 0;
      width: 100%;
      height: 100%;
      margin: 0;
      opacity: 0;
      cursor: pointer;
    }
    .range {
      align-items: end;
    }
    .range .field {
      flex: 0 1 11rem;
    }
    .tiles {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr));
      gap: 1px;
      padding: 0;
      overflow: clip;
    }
    .tiles > div {
      display: grid;
      align-content: start;
      min-height: 6.75rem;
      padding: 0.9rem 1.1rem;
      box-shadow: 0 0 0 1px var(--line);
    }
    dt {
      color: var(--muted);
      font-size: 0.875rem;
    }
    .tiles .value {
      font-size: 1.6rem;
      font-weight: 650;
      line-height: 1.35;
      letter-spacing: -0.02em;
      font-variant-numeric: tabular-nums;
    }
    .tiles .value.absent {
      color: var(--muted);
      font-size: 1rem;
      font-weight: 500;
      line-height: 1.35;
      padding-block: 0.4rem;
      letter-spacing: 0;
    }
    .change {
      display: flex;
      gap: 0.3rem;
      align-items: baseline;
      color: var(--muted);
      font-size: 0.8125rem;
    }
    .change svg {
      flex: none;
      width: 0.8rem;
      height: 0.8rem;
      align-self: center;
    }
    .change.up {
      color: var(--good);
    }
    .change.down {
      color: var(--bad);
    }
    .empty {
      display: grid;
      gap: 0.35rem;
      justify-items: center;
      padding: 2.5rem 1.25rem;
      text-align: center;
    }
    .accounts {
      width: 100%;
      border-collapse: collapse;
      font-variant-numeric: tabular-nums;
    }
    .accounts th,
    .accounts td {
      padding: 0.55rem 0.6rem;
      border-bottom: 1px solid var(--line);
      text-align: end;
      font-weight: 400;
      vertical-align: top;
    }
    .accounts td {
      white-space: nowrap;
    }
    .accounts tbody tr:last-child > * {
      border-bottom: 0;
    }
    .accounts th:first-child {
      padding-inline-start: 0;
      text-align: start;
    }
    .accounts thead button {
      min-height: 2rem;
      padding: 0.1rem 0.35rem;
      color: var(--muted);
      font-size: 0.8125rem;
      white-space: nowrap;
    }
    .accounts thead [aria-sort$='ending'] button {
      color: var(--ink);
    }
    .accounts thead svg {
      width: 0.8rem;
      height: 0.8rem;
    }
    .who {
      display: flex;
      gap: 0.6rem;
      align-items: center;
    }
    .who .plain,
    .post .plain {
      min-height: 1.75rem;
      padding: 0 0.25rem;
      margin-inline-start: -0.25rem;
      justify-content: start;
      text-align: start;
    }
    .post {
      display: grid;
      gap: 0.5rem;
    }
    .facts {
      display: flex;
      flex-wrap: wrap;
      gap: 0.25rem 1.5rem;
    }
    .facts dd {
      font-weight: 600;
      font-variant-numeric: tabular-nums;
    }
    .pick {
      width: auto;
      min-width: 10rem;
    }
    .bone.title {
      width: 12rem;
      height: 1.2rem;
    }
    .tiles .bone {
      width: 60%;
      margin-block: 0.35rem;
    }
    .bone.line {
      height: 3.2rem;
      margin-block: 0.4rem;
    }
    .bone.plot {
      height: 15rem;
    }
    @container (max-width: 54rem) {
      .accounts,
      .accounts thead,
      .accounts tbody,
      .accounts tr,
      .accounts th,
      .accounts td {
        display: block;
      }
      .accounts thead tr {
        display: flex;
        flex-wrap: wrap;
        border-bottom: 1px solid var(--line);
      }
      .accounts thead th,
      .accounts tbody th,
      .accounts tbody td {
        padding: 0.1rem 0;
        border: 0;
      }
      .accounts tbody tr {
        padding: 0.75rem 0;
        border-bottom: 1px solid var(--line);
      }
      .accounts tbody tr:last-child {
        border-bottom: 0;
      }
      .accounts tbody td {
        display: flex;
        justify-content: space-between;
        gap: 1rem;
      }
      .accounts tbody td::before {
        content: attr(data-label);
        color: var(--muted);
        font-size: 0.875rem;
      }
    }
    @container (max-width: 26rem) {
      .tiles {
        grid-template-columns: 1fr 1fr;
      }
      .tiles > div {
        padding: 0.7rem 0.8rem;
      }
      .tiles .value {
        font-size: 1.3rem;
      }
      .card:not(.tiles) {
        padding-inline: 0.85rem;
      }
    }
  `,
];
