import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bodyOf,
  contentAt,
  EMPTY,
  hasTooLong,
  isBegun,
  LONGEST_TEXT,
  mediaUrl,
  moved,
  withTarget,
  withVariant,
} from './draft.ts';

const picture = { url: 'https://shop.example/a.jpg', altText: 'A kettle' };

test('a place that is chosen twice is a target once, and keeps what was written for it', () => {
  const chosen = withVariant(withTarget(EMPTY, 'x', true), 'x', { content: 'Short' });
  assert.equal(withTarget(chosen, 'x', true), chosen);
  assert.deepEqual(withTarget(chosen, 'x', false).targets, []);
});

test('a place gets the shared text and media until it has its own, be it empty', () => {
  const draft = withTarget({ ...EMPTY, content: 'For all', media: [picture] }, 'x', true);
  const own = withVariant(draft, 'x', { content: '', media: [] });
  assert.deepEqual(contentAt(draft, draft.targets[0]!), { content: 'For all', media: [picture] });
  assert.deepEqual(contentAt(own, own.targets[0]!), { content: '', media: [] });
});

test('the create call names only what differs at a place', () => {
  const draft = withTarget(withTarget({ ...EMPTY, content: 'Hi', media: [picture] }, 'a', true), 'b', true);
  const own = withVariant(draft, 'b', { content: 'Ho', options: { title: 'T' } });
  const due = new Date('2026-12-01T09:00:00Z');
  assert.deepEqual(bodyOf(own, due), {
    content: 'Hi',
    media: [{ url: picture.url, alt_text: 'A kettle' }],
    targets: [{ connection_id: 'a' }, { connection_id: 'b', content: 'Ho', options: { title: 'T' } }],
    scheduled_at: '2026-12-01T09:00:00.000Z',
    mode: 'schedule',
  });
});

test('only a planned post names a time', () => {
  const due = new Date('2026-12-01T09:00:00Z');
  for (const when of ['now', 'draft'] as const)
    assert.equal('scheduled_at' in bodyOf({ ...EMPTY, when }, due), false);
});

test('an item moves by one step and stops at both ends', () => {
  assert.deepEqual(moved(['a', 'b', 'c'], 1, -1), ['b', 'a', 'c']);
  assert.deepEqual(moved(['a', 'b', 'c'], 2, 1), ['a', 'b', 'c']);
  assert.deepEqual(moved(['a', 'b', 'c'], 0, -1), ['a', 'b', 'c']);
});

test('an address of a file is one of the web', () => {
  assert.equal(mediaUrl(' https://shop.example/a b.jpg '), null);
  assert.equal(mediaUrl(' https://shop.example/ä.jpg '), 'https://shop.example/%C3%A4.jpg');
  for (const typed of ['', 'kettle.jpg', 'javascript:alert(1)', 'data:image/png;base64,AA', 'https://'])
    assert.equal(mediaUrl(typed), null, typed);
});

test('a text is too long by its characters, not by their code units', () => {
  assert.equal(hasTooLong({ ...EMPTY, content: '👍'.repeat(LONGEST_TEXT) }), false);
  assert.equal(hasTooLong({ ...EMPTY, content: 'a'.repeat(LONGEST_TEXT + 1) }), true);
  const own = withVariant(withTarget(EMPTY, 'x', true), 'x', { content: 'a'.repeat(LONGEST_TEXT + 1) });
  assert.equal(hasTooLong(own), true);
});

test('a choice of places alone is nothing that could be lost', () => {
  assert.equal(isBegun(withTarget(EMPTY, 'x', true)), false);
  assert.equal(isBegun(withVariant(withTarget(EMPTY, 'x', true), 'x', { content: 'Hi' })), true);
});
