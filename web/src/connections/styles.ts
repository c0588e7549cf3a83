import { css } from 'lit';

export const styles = css`
  .places {
    display: grid;
    gap: 0.75rem;
    padding: 0;
  }
  .place {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 0.25rem 0.875rem;
    align-items: start;
  }
  .place > .about {
    display: grid;
    gap: 0.4rem;
    min-width: 0;
  }
  .place h3 {
    display: inline;
    margin-right: 0.25rem;
  }
  .place .actions {
    grid-column: 2;
    margin-top: 0.25rem;
  }
  .actions button {
    min-height: 2.25rem;
    padding: 0.25rem 0.75rem;
    font-size: 0.9rem;
  }
  .actions .quiet {
    border-color: var(--line);
    font-weight: 500;
  }
  @container (min-width: 46rem) {
    .place {
      grid-template-columns: auto 1fr auto;
    }
    .place .actions {
      grid-column: 3;
      grid-row: 1;
      justify-content: flex-end;
      margin: 0;
    }
  }
  .platforms {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr));
    gap: 0.625rem;
  }
  .platforms li {
    display: grid;
    align-content: start;
    gap: 0.25rem;
  }
  .platforms button {
    font-weight: 500;
    justify-content: flex-start;
    width: 100%;
    min-height: 3.25rem;
    padding-inline: 0.75rem;
    text-align: start;
  }
  .choices {
    display: grid;
    gap: 0.25rem;
    border: 0;
    margin: 0;
    padding: 0;
    min-width: 0;
  }
  .choices label {
    display: grid;
    grid-template-columns: auto auto 1fr;
    gap: 0.75rem;
    align-items: center;
    padding: 0.5rem;
    border-radius: var(--radius-small);
    font-weight: 400;
  }
  .choices label:has(:enabled) {
    cursor: pointer;
  }
  .choices label:hover:has(:enabled) {
    background: var(--sunken);
  }
  .limits {
    display: grid;
    gap: 0.25rem;
  }
  .bone-card {
    height: 6.5rem;
    border-radius: var(--radius);
  }
  @container (max-width: 24rem) {
    .place .actions {
      grid-column: 1 / -1;
    }
  }
`;
