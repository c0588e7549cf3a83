import { css } from 'lit';

/** What the composer and the share have beyond the common look. */
export const composerStyles = css`
  .columns {
    display: grid;
    gap: 1.5rem;
    align-items: start;
  }
  .columns > * {
    min-width: 0;
  }
  .tight {
    gap: 0.5rem;
  }
  fieldset {
    min-width: 0;
    margin: 0;
  }
  fieldset.plain {
    border: 0;
    padding: 0;
  }
  fieldset.plain > legend {
    padding: 0;
    margin-bottom: 0.25rem;
    float: left;
    width: 100%;
  }
  fieldset.plain > legend + * {
    clear: both;
  }
  fieldset.group {
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
    padding: 0.75rem 1rem 1rem;
  }
  fieldset:focus-visible {
    outline-offset: 6px;
  }
  .places,
  .files,
  .notes {
    display: grid;
    gap: 0.5rem;
  }
  .notes {
    gap: 0.25rem;
    font-size: 0.875rem;
  }
  .notes[hidden],
  .own[hidden],
  [hidden] {
    display: none;
  }
  .notes li {
    display: flex;
    gap: 0.4rem;
    align-items: flex-start;
  }
  .notes svg {
    flex: none;
    margin-top: 0.2rem;
  }
  .worth {
    color: var(--warn);
  }
  .place {
    display: grid;
    gap: 0.25rem;
    padding: 0.5rem 0.75rem;
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
    background: var(--card);
  }
  .place.chosen {
    border-color: var(--accent);
    background: color-mix(in oklab, var(--tint) 35%, var(--card));
  }
  .place .who {
    flex: 1 1 12rem;
    min-width: 0;
    font-weight: 550;
    cursor: pointer;
    flex-wrap: nowrap;
  }
  .who .small {
    display: block;
    font-weight: 400;
  }
  .place input[type='checkbox']:disabled + label {
    cursor: not-allowed;
  }
  .own {
    padding: 0.5rem 0 0.25rem;
  }
  .count {
    font-variant-numeric: tabular-nums;
    font-size: 0.875rem;
    color: var(--muted);
    white-space: nowrap;
  }
  .count.over {
    color: var(--bad);
  }
  .count b {
    display: inline-flex;
    align-items: center;
    gap: 0.2rem;
  }
  .count.old {
    font-style: italic;
  }
  .quota {
    display: flex;
    gap: 0.4rem;
    align-items: center;
    color: var(--warn);
  }
  textarea {
    display: block;
    resize: vertical;
    line-height: 1.5;
  }
  textarea.text {
    min-height: 8rem;
    max-height: 28rem;
    field-sizing: content;
  }
  textarea.text.long {
    height: 28rem;
    field-sizing: fixed;
  }
  .file {
    display: grid;
    grid-template-columns: 5rem minmax(0, 1fr);
    gap: 0.75rem;
    align-items: start;
    padding: 0.75rem;
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
    background: var(--card);
  }
  .thumb {
    width: 5rem;
    height: 5rem;
    display: grid;
    place-items: center;
    padding: 0.25rem;
    border: 0;
    border-radius: var(--radius-small);
    background: var(--sunken);
    color: var(--ink);
    object-fit: cover;
    font-size: 0.75rem;
    text-align: center;
  }
  button.thumb {
    border: 1px dashed var(--edge);
  }
  .tools {
    gap: 0.25rem;
  }
  .tool {
    min-height: 2rem;
    min-width: 2rem;
    padding: 0.25rem;
  }
  .add {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem 0.75rem;
    align-items: end;
  }
  .add .field {
    flex: 1 1 14rem;
  }
  .ways {
    gap: 0.25rem 1.25rem;
  }
  .ways .row,
  .own .row {
    flex-wrap: nowrap;
    min-height: 1.75rem;
  }
  .times .field {
    flex: 0 1 10rem;
  }
  .times #zone {
    align-self: end;
    padding-bottom: 0.6rem;
  }
  input[type='checkbox'],
  input[type='radio'] {
    flex: none;
  }
  .place button.plain {
    text-align: start;
  }
  .ways label,
  .own .row > label {
    font-weight: 400;
  }
  .add + div {
    margin-top: -0.75rem;
  }
  .summary {
    display: inline-flex;
    gap: 0.4rem;
    align-items: center;
  }
  .summary.fine {
    color: var(--good);
  }
  .summary.bad {
    color: var(--bad);
  }
  .done h2 {
    display: flex;
    gap: 0.5rem;
    align-items: center;
  }
  .bone.line {
    height: 2rem;
    max-width: 12rem;
  }
  .bone.block {
    height: 11rem;
  }
  @container (min-width: 58rem) {
    .columns {
      grid-template-columns: minmax(0, 3fr) minmax(18rem, 2fr);
    }
  }
`;
