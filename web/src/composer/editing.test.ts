import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesOf, draftOf, mayChange, type Post, rebased, rezoned } from './editing.ts';

const BERLIN = 'Europe/Berlin';

function aPost(changes: Partial<Post> = {}): Post {
  return {
    id: 'p',
    campaign_id: 'c',
    connection_id: 'x',
    platform: 'x',
    kind: 'text',
    content: 'Hello',
    media: [{ url: 'https://shop.example/a.jpg', kind: 'image', alt_text: '' }],
    media_url: null,
    options: { title: 'T', event: { a: 1, b: 2 } },
    product_id: null,
    scheduled_at: '2026-12-01T08:00:00Z',
    posted_at: null,
    status: 'scheduled',
    step: null,
    platform_post_id: null,
    permalink: null,
    engagement: null,
    error: null,
    attempts: 0,
    revision: 1,
    created_at: null,
    updated_at: null,
    ...changes,
  };
}
const due = new Date('2026-12-01T08:00:00Z');

test('a post that was not touched changes nothing', () => {
  for (const status of ['draft', 'scheduled', 'failed']) {
    const post = aPost({ status });
    assert.deepEqual(changesOf(post, draftOf(post, BERLIN), due, BERLIN), {}, status);
  }
});

test('the order of an option’s parts is no change', () => {
  const draft = draftOf(aPost(), BERLIN);
  const [target] = draft.targets;
  const turned = { ...draft, targets: [{ ...target!, options: { event: { b: 2, a: 1 }, title: 'T' } }] };
  assert.deepEqual(changesOf(aPost(), turned, due, BERLIN), {});
});

test('only what was changed is sent', () => {
  const draft = draftOf(aPost(), BERLIN);
  assert.deepEqual(changesOf(aPost(), { ...draft, content: 'Ho' }, due, BERLIN), { content: 'Ho' });
  assert.deepEqual(changesOf(aPost(), { ...draft, media: [] }, due, BERLIN), { media: [] });
});

test('a planned post goes to another time or off the plan', () => {
  const draft = draftOf(aPost(), BERLIN);
  const later = new Date('2026-12-02T08:00:00Z');
  const moved = changesOf(aPost(), { ...draft, wall: '2026-12-02T09:00' }, later, BERLIN);
  assert.deepEqual(moved, { scheduled_at: '2026-12-02T08:00:00.000Z' });
  assert.deepEqual(changesOf(aPost(), { ...draft, when: 'draft' }, null, BERLIN), { scheduled_at: null });
});

test('a draft that had a time already is planned when it is scheduled', () => {
  const post = aPost({ status: 'draft' });
  const draft = { ...draftOf(post, BERLIN), when: 'schedule' as const };
  assert.deepEqual(changesOf(post, draft, due, BERLIN), { scheduled_at: due.toISOString() });
});

test('a failed post that is only rewritten names no time', () => {
  const post = aPost({ status: 'failed' });
  assert.deepEqual(changesOf(post, { ...draftOf(post, BERLIN), content: 'Ho' }, null, BERLIN), {
    content: 'Ho',
  });
});

test('the second of two equal wall times is read as the second', () => {
  const draft = draftOf(aPost({ scheduled_at: '2026-10-25T01:30:00Z' }), BERLIN);
  assert.deepEqual([draft.wall, draft.second], ['2026-10-25T02:30', true]);
});

test('a change from elsewhere comes in where nothing was written, and only there', () => {
  const before = aPost();
  const after = aPost({ content: 'Theirs', scheduled_at: '2026-12-05T08:00:00Z', revision: 2 });
  const mine = { ...draftOf(before, BERLIN), content: 'Mine' };
  const now = rebased(mine, before, after, BERLIN);
  assert.deepEqual([now.content, now.wall], ['Mine', '2026-12-05T09:00']);
  assert.equal(rebased(draftOf(before, BERLIN), before, after, BERLIN).content, 'Theirs');
});

test('what is under way, out or in doubt cannot be changed', () => {
  const all = [
    'draft',
    'scheduled',
    'held',
    'failed',
    'missed',
    'publishing',
    'published',
    'unknown',
    'canceled',
  ];
  assert.deepEqual(all.filter(mayChange), ['draft', 'scheduled', 'held', 'failed', 'missed']);
});

test('in another zone a draft is for the same moment, also in the hour that clocks show twice', () => {
  const berlin = draftOf(aPost({ scheduled_at: '2026-10-25T01:30:00Z' }), BERLIN);
  assert.deepEqual([berlin.wall, berlin.second], ['2026-10-25T02:30', true]);

  const athens = rezoned(berlin, BERLIN, 'Europe/Athens');
  assert.deepEqual([athens.wall, athens.second], ['2026-10-25T03:30', true]);
  assert.deepEqual(rezoned(athens, 'Europe/Athens', BERLIN), berlin);
  assert.deepEqual(rezoned({ ...berlin, wall: '2026-10-25T' }, BERLIN, 'Asia/Tokyo').wall, '2026-10-25T');
});
