import { html, type TemplateResult } from 'lit';
import { type Desk, notesView } from './desk.ts';
import type { Media } from './draft.ts';
import { ownNotes, sharedNotes } from './findings.ts';
import './media-list.ts';

/** The files of all places, or of one that has its own. */
export function mediaField(
  desk: Desk,
  heading: string,
  media: Media[],
  connectionId: string | null,
  change: (media: Media[]) => void,
): TemplateResult {
  const told = (path: string, deep = false) =>
    connectionId ? ownNotes(desk.notes, connectionId, path, deep) : sharedNotes(desk.notes, path, deep);
  const files = media.map(({ url }, index) => ({
    told: [`media.${index}`, `media.${index}.url`, `media.${index}.kind`].flatMap((path) => told(path)),
    altTold: told(`media.${index}.alt_text`),
    isServed: desk.served.has(url),
  }));
  const isShared = connectionId === null && desk.draft.targets.length > 1;
  return html`<seftec-media-list
    .t=${desk.t}
    .heading=${heading}
    .media=${media}
    .files=${files}
    .told=${told('media')}
    .notes=${(id: string, list: ReturnType<typeof told>) => notesView(desk, id, list, isShared)}
    @media-change=${(event: CustomEvent<Media[]>) => change(event.detail)}
  ></seftec-media-list>`;
}
