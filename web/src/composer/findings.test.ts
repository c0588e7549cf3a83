import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Draft, EMPTY, withTarget, withVariant } from './draft.ts';
import {
  type Checks,
  countAt,
  notesOf,
  notesOfRefusal,
  ownNotes,
  servedUrls,
  sharedNotes,
  stillTrue,
} from './findings.ts';

const two: Draft = withTarget(withTarget(EMPTY, 'a', true), 'b', true);
const long = { code: 'content_rejected', detail: 'Too long.' };

function checked(...problems: { code: string; detail: string; field: string }[][]): Checks {
  const targets = problems.map((found, index) => ({
    connection_id: 'ab'[index]!,
    platform: 'x',
    kind: 'text',
    text: null,
    problems: found,
    warnings: [],
    quota: [],
  }));
  return { valid: false, targets };
}

test('what two places say of the shared text stands beside it once, with both named', () => {
  const checks = checked(
    [{ ...long, field: 'targets.0.content' }],
    [{ ...long, field: 'targets.1.content' }],
  );
  assert.deepEqual(sharedNotes(notesOf(checks, two), 'content'), [
    { severity: 'problem', detail: 'Too long.', connectionIds: ['a', 'b'] },
  ]);
});

test('what is said of a text of its own stands beside that one', () => {
  const own = withVariant(two, 'b', { content: 'mine' });
  const notes = notesOf(checked([], [{ ...long, field: 'targets.1.content' }]), own);
  assert.deepEqual(sharedNotes(notes, 'content'), []);
  assert.equal(ownNotes(notes, 'b', 'content').length, 1);
  assert.equal(countAt(notes, 'b', 'problem'), 1);
});

test('a finding within an option is the option’s own, however deep', () => {
  const field = 'targets.0.options.event.schedule.end_date';
  const notes = notesOf(checked([{ ...long, field }], []), two);
  assert.equal(ownNotes(notes, 'a', 'options.event').length, 0);
  assert.equal(ownNotes(notes, 'a', 'options.event', true).length, 1);
  assert.equal(ownNotes(notes, 'a', 'options.event.schedule.end_date').length, 1);
});

test('a refusal of a create call points at the same fields', () => {
  const refused = (field: string) => notesOfRefusal([{ field, detail: 'No.' }], two);
  assert.equal(sharedNotes(refused('body.content'), 'content').length, 1);
  assert.equal(sharedNotes(refused('body.media.0.url'), 'media.0', true).length, 1);
  assert.equal(sharedNotes(refused('body.scheduled_at'), 'scheduled_at').length, 1);
  assert.equal(ownNotes(refused('body.targets.1.options.title'), 'b', 'options.title').length, 1);
  assert.equal(ownNotes(refused('body.targets.1'), 'b', 'connection_id').length, 1);
});

const file = { url: 'https://shop.example/a.jpg', altText: '' };

test('a file can be shown once it was looked at and one place at least has nothing against it', () => {
  const draft = { ...two, media: [file] };
  const big = (index: number) => ({ ...long, field: `targets.${index}.media.0` });
  const told = { ...long, field: 'targets.0.media.0.alt_text' };
  const isServed = (...problems: { code: string; detail: string; field: string }[][]) =>
    servedUrls(checked(...problems), draft).has(file.url);
  assert.equal(isServed([], []), true);
  assert.equal(isServed([big(0)], []), true);
  assert.equal(isServed([big(0)], [big(1)]), false);
  assert.equal(isServed([told], [big(1)]), true);
});

test('what was said of a file goes when files move, and what was said at a place when the place goes', () => {
  const draft = { ...two, media: [file] };
  const notes = notesOf(
    checked([{ ...long, field: 'targets.0.media.0' }], [{ ...long, field: 'targets.1.options.title' }]),
    draft,
  );
  const described = { ...draft, media: [{ ...file, altText: 'A kettle' }] };
  assert.equal(stillTrue(notes, draft, described).length, 2);
  assert.deepEqual(
    stillTrue(notes, draft, { ...draft, media: [] }).map(({ path }) => path),
    ['options.title'],
  );
  assert.deepEqual(
    stillTrue(notes, draft, withTarget(draft, 'b', false)).map(({ path }) => path),
    ['media.0'],
  );
});
