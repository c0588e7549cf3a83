import { css } from 'lit';

export const shell = css`
  :host {
    display: grid;
    grid-template-rows: auto 1fr auto;
    min-height: 100dvh;
    container-type: normal;
    background: var(--page);
  }
  header {
    display: flex;
    align-items: center;
    gap: 0.25rem 2rem;
    padding: 0.5rem clamp(0.75rem, 3vw, 2rem);
    background: var(--card);
    border-bottom: 1px solid var(--line);
  }
  .brand {
    font-weight: 700;
    letter-spacing: -0.01em;
    padding-block: 0.5rem;
  }
  nav {
    display: flex;
    gap: 0.25rem;
  }
  nav a {
    display: inline-flex;
    align-items: center;
    gap: 0.45rem;
    padding: 0.5rem 0.75rem;
    border-radius: var(--radius-small);
    color: var(--ink);
    text-decoration: none;
  }
  nav a:hover {
    background: var(--sunken);
  }
  nav a[aria-current] {
    background: var(--tint);
    font-weight: 600;
  }
  nav svg {
    width: 1.1rem;
    height: 1.1rem;
    flex: none;
  }
  main {
    width: min(76rem, 100%);
    margin: 0 auto;
    padding: 1.5rem clamp(0.75rem, 3vw, 2rem) 3rem;
    min-width: 0;
  }
  /* The foot begins below what is seen at first, so that it does not jump away when data come. */
  main > div:not(.notice) {
    min-height: calc(100dvh - 3.5rem);
  }
  main:focus,
  h1:focus {
    outline: none;
  }
  h1 {
    margin-bottom: 1.25rem;
    font-size: 1.6rem;
    line-height: 1.25;
    letter-spacing: -0.02em;
  }
  .page-bone {
    height: 60vh;
    border-radius: var(--radius);
  }
  footer {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 1.5rem;
    padding: 0.75rem clamp(0.75rem, 3vw, 2rem);
    border-top: 1px solid var(--line);
    background: var(--card);
    font-size: 0.875rem;
  }
  footer label {
    display: inline-flex;
    align-items: center;
    gap: 0.5rem;
    font-weight: 400;
    color: var(--muted);
  }
  footer select {
    width: auto;
    max-width: 13rem;
    color: var(--ink);
  }
  .who {
    display: inline-flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem;
    margin-inline-start: auto;
  }
  .skip {
    position: absolute;
    left: 0.5rem;
    top: -4rem;
    padding: 0.5rem 1rem;
    background: var(--card);
    border-radius: var(--radius-small);
    z-index: 10;
  }
  .skip:focus {
    top: 0.5rem;
  }
  @media (max-width: 48rem) {
    header {
      flex-direction: column;
      align-items: stretch;
    }
    nav {
      position: fixed;
      inset: auto 0 0;
      z-index: 5;
      justify-content: space-around;
      padding: 0.25rem 0.25rem calc(0.25rem + env(safe-area-inset-bottom));
      background: var(--card);
      border-top: 1px solid var(--line);
    }
    nav a {
      flex: 1 1 0;
      flex-direction: column;
      gap: 0.1rem;
      min-width: 0;
      padding: 0.3rem 0.1rem;
      font-size: 0.6875rem;
      line-height: 1.2;
      overflow-wrap: normal;
      text-align: center;
    }
    footer {
      padding-bottom: 5.5rem;
    }
    .who {
      margin-inline-start: 0;
    }
  }
  @media (max-width: 23rem) {
    nav a {
      font-size: 0.625rem;
    }
  }
`;
