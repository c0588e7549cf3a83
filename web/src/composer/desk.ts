import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../parts/icons.ts';
import { platformName } from '../parts/platform.ts';
import type { Draft } from './draft.ts';
import type { Checks, Note, TargetCheck, Told } from './findings.ts';
import type { Place } from './places.ts';
import type { Say } from './words.ts';

/** What every view of the composer works on: the draft, what is said of it, and how to change it. */
export interface Desk {
  t: Say;
  locale: string;
  zone: string;
  now: Date;
  draft: Draft;
  notes: Note[];
  checks: Checks | null;
  /** An answer about the newest draft is still to come. */
  isChecking: boolean;
  /** Files that may be loaded into the page. */
  served: ReadonlySet<string>;
  places: ReadonlyMap<string, Place>;
  /** Places whose own settings are open. */
  open: ReadonlySet<string>;
  /** What was missing when it was to be sent. */
  missing: 'places' | 'time' | null;
  accountsUrl: string;
  change: (next: Draft) => void;
  toggle: (connectionId: string) => void;
}

/** What the last check said of one place. */
export function checkAt(desk: Desk, connectionId: string): TargetCheck | undefined {
  return desk.checks?.targets.find((target) => target.connection_id === connectionId);
}

/** How a place is called where its platform is not shown beside it. */
export function placeName(desk: Desk, connectionId: string): string {
  const place = desk.places.get(connectionId);
  return place ? `${place.name}, ${platformName(place.platform)}` : '';
}

/** What is said of one field, in a list that the field is described by. */
export function notesView(desk: Desk, id: string, told: Told[], isShared = false): TemplateResult {
  return html`<ul class="notes" id=${id} ?hidden=${told.length === 0}>
    ${told.map((one) => {
      const isProblem = one.severity === 'problem';
      const isAll = one.connectionIds.length === desk.draft.targets.length;
      const who =
        isShared && !isAll ? one.connectionIds.map((place) => placeName(desk, place)).join('; ') : '';
      return html`<li class=${isProblem ? 'wrong' : 'worth'}>
        ${icon(isProblem ? 'cross' : 'warning')}
        <span>
          <span class="visually-hidden">${desk.t(isProblem ? 'problem' : 'note')}: </span>
          ${who ? html`<b>${who}:</b> ` : nothing}${one.detail}
        </span>
      </li>`;
    })}
  </ul>`;
}

/** Whether a field is marked: something said of it is a problem. */
export function isWrong(told: readonly Told[]): 'true' | 'false' {
  return told.some(({ severity }) => severity === 'problem') ? 'true' : 'false';
}
