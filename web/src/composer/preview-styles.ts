import { css } from 'lit';

/** The platforms' previews: our own design, about as each platform lays a post out. */
export const previewStyles = css`
  #preview-title {
    font-size: 1rem;
  }
  .preview {
    display: grid;
    gap: 0.75rem;
    padding: 0.9rem 1rem;
  }
  .preview .who {
    flex-wrap: nowrap;
  }
  .words {
    white-space: pre-wrap;
    unicode-bidi: plaintext;
  }
  .title {
    font-weight: 650;
  }
  .pictures {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 2px;
    border-radius: var(--radius-small);
    overflow: hidden;
  }
  .pictures.of-1 {
    grid-template-columns: 1fr;
  }
  .pictures > * {
    width: 100%;
    aspect-ratio: 1;
    object-fit: cover;
    background: var(--sunken);
  }
  .pictures.of-1 > *,
  .look-youtube .pictures > * {
    aspect-ratio: 16 / 9;
  }
  .look-instagram .pictures.of-1 > * {
    aspect-ratio: 1;
  }
  .tile {
    display: grid;
    place-items: center;
    padding: 0.5rem;
    text-align: center;
  }
  .look-github {
    font-family: ui-monospace, monospace;
    font-size: 0.875rem;
  }
  .look-github .who {
    font-family: var(--font);
  }
  .look-x .pictures {
    border-radius: 16px;
  }
  .look-facebook .pictures,
  .look-linkedin .pictures,
  .look-instagram .pictures {
    border-radius: 0;
    margin-inline: -1rem;
  }
  .link {
    padding: 0.5rem 0.75rem;
    border-radius: var(--radius-small);
    background: var(--sunken);
  }
  .look-button {
    display: inline-block;
    padding: 0.25rem 0.9rem;
    border: 1px solid var(--edge);
    border-radius: 999px;
    font-weight: 550;
  }
`;
