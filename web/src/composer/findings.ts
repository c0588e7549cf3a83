import type { components } from '../api/generated/publisher.d.ts';
import type { FieldProblem } from '../core/problem.ts';
import { contentAt, type Draft } from './draft.ts';

export type Checks = components['schemas']['Checks'];
export type TargetCheck = components['schemas']['TargetCheck'];
type Severity = 'problem' | 'warning';

/** What a platform or the API says of one field, and beside which one it is shown. */
export interface Note {
  severity: Severity;
  detail: string;
  code: string;
  /** The place it is about; null where it is about all. */
  connectionId: string | null;
  /** Whether the field is the place's own; else it is the one that all share. */
  isOwn: boolean;
  /** The field, from `content`, `media.0.alt_text`, `options.title`, `connection_id` or `scheduled_at` on. */
  path: string;
}

/** Every finding of a check, beside the field that somebody would change: the shared one until a place has its own. */
export function notesOf(checks: Checks, draft: Draft): Note[] {
  return checks.targets.flatMap((target, index) => [
    ...target.problems.map((one) => noted('problem', one, draft, index)),
    ...target.warnings.map((one) => noted('warning', one, draft, index)),
  ]);
}

function noted(
  severity: Severity,
  finding: { code: string; field: string; detail: string },
  draft: Draft,
  index: number,
): Note {
  const path = finding.field.replace(/^targets\.\d+\./, '');
  const target = draft.targets[index];
  const root = path.split('.')[0];
  const isShared =
    root === 'scheduled_at' ||
    (root === 'content' && target?.content === null) ||
    (root === 'media' && target?.media === null);
  const { code, detail } = finding;
  return { severity, code, detail, connectionId: target?.connectionId ?? null, isOwn: !isShared, path };
}

/** What a refused call had wrong, in the same form. */
export function notesOfRefusal(fields: readonly FieldProblem[], draft: Draft): Note[] {
  return fields.map(({ field, detail }) => {
    const within = field.replace(/^body\./, '');
    const [, position, rest] = /^targets\.(\d+)(?:\.(.*))?$/.exec(within) ?? [];
    const target = position === undefined ? undefined : draft.targets[Number(position)];
    return {
      severity: 'problem',
      code: 'invalid_request',
      detail,
      connectionId: target?.connectionId ?? null,
      isOwn: target !== undefined,
      path: target ? (rest ?? 'connection_id') : within,
    };
  });
}

/** One note beside one field; the places that say the same are named together. */
export interface Told {
  severity: Severity;
  detail: string;
  connectionIds: string[];
}

/** What stands beside a shared field: the field itself and all below it where `deep`. */
export function sharedNotes(notes: readonly Note[], path: string, deep = false): Told[] {
  return together(notes.filter((note) => !note.isOwn && isAt(note, path, deep)));
}

/** What stands beside a field of one place. */
export function ownNotes(notes: readonly Note[], connectionId: string, path: string, deep = false): Told[] {
  return together(
    notes.filter((note) => note.isOwn && note.connectionId === connectionId && isAt(note, path, deep)),
  );
}

function isAt(note: Note, path: string, deep: boolean): boolean {
  return note.path === path || (deep && note.path.startsWith(`${path}.`));
}

function together(notes: readonly Note[]): Told[] {
  const told = new Map<string, Told>();
  for (const { severity, detail, connectionId } of notes) {
    const key = `${severity} ${detail}`;
    const known = told.get(key) ?? { severity, detail, connectionIds: [] };
    if (connectionId && !known.connectionIds.includes(connectionId)) known.connectionIds.push(connectionId);
    told.set(key, known);
  }
  return [...told.values()].sort((one, other) => one.severity.localeCompare(other.severity));
}

/** What speaks against or is worth knowing at one place, wherever it is shown. */
export function countAt(notes: readonly Note[], connectionId: string, severity: Severity): number {
  return notes.filter((note) => note.connectionId === connectionId && note.severity === severity).length;
}

/** The files that were looked at and that at least one place has nothing against: these can be shown. */
export function servedUrls(checks: Checks, draft: Draft): Set<string> {
  const notes = notesOf(checks, draft);
  const served = new Set<string>();
  for (const target of draft.targets) {
    if (!checks.targets.some((one) => one.connection_id === target.connectionId)) continue;
    const { media } = contentAt(draft, target);
    media.forEach(({ url }, index) => {
      const paths = [`media.${index}`, `media.${index}.url`];
      const against = notes.some(
        ({ connectionId, severity, path }) =>
          connectionId === target.connectionId && severity === 'problem' && paths.includes(path),
      );
      if (!against) served.add(url);
    });
  }
  return served;
}

/** What still holds of older notes after a change, until the next check: what is about a file goes with the files. */
export function stillTrue(notes: readonly Note[], before: Draft, after: Draft): Note[] {
  const files = (draft: Draft, note: Note) => {
    const own = draft.targets.find(({ connectionId }) => connectionId === note.connectionId)?.media;
    return JSON.stringify((note.isOwn ? own : draft.media)?.map(({ url }) => url));
  };
  const ids = new Set(after.targets.map(({ connectionId }) => connectionId));
  return notes.filter((note) => {
    const isThere = note.connectionId === null || ids.has(note.connectionId);
    return isThere && (!note.path.startsWith('media') || files(before, note) === files(after, note));
  });
}
