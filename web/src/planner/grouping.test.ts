import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  byDay,
  byHour,
  EVERYTHING,
  firstWords,
  fits,
  folded,
  inOrder,
  isLively,
  type Post,
  shownAt,
} from './grouping.ts';

const BERLIN = 'Europe/Berlin';

function aPost(changes: Partial<Post> = {}): Post {
  return {
    id: 'a',
    campaign_id: 'c',
    connection_id: 'place-1',
    platform: 'x',
    kind: 'tweet',
    content: 'Hello',
    media: [],
    media_url: null,
    options: {},
    product_id: null,
    scheduled_at: '2026-11-23T10:00:00Z',
    posted_at: null,
    status: 'scheduled',
    step: null,
    platform_post_id: null,
    permalink: null,
    engagement: null,
    error: null,
    attempts: 0,
    revision: 1,
    created_at: '2026-11-20T10:00:00Z',
    updated_at: null,
    ...changes,
  };
}

test('a post is shown at its time, at the time it went out, or when it was made; a draft without a time nowhere', () => {
  assert.equal(shownAt(aPost())?.toISOString(), '2026-11-23T10:00:00.000Z');
  const posted = aPost({ scheduled_at: null, posted_at: '2026-11-22T10:00:00Z' });
  assert.equal(shownAt(posted)?.toISOString(), '2026-11-22T10:00:00.000Z');
  assert.equal(
    shownAt(aPost({ scheduled_at: null, status: 'failed' }))?.toISOString(),
    '2026-11-20T10:00:00.000Z',
  );
  assert.equal(shownAt(aPost({ scheduled_at: null, status: 'draft' })), null);
});

test('posts are grouped by the day and hour of the zone', () => {
  const posts = [
    aPost({ scheduled_at: '2026-12-31T22:30:00Z' }),
    aPost({ id: 'b', scheduled_at: '2026-12-31T23:30:00Z' }),
  ];
  assert.deepEqual([...byDay(posts, BERLIN).keys()], ['2026-12-31', '2027-01-01']);
  assert.deepEqual([...byHour(posts, BERLIN).keys()], ['2026-12-31T23', '2027-01-01T00']);
});

test('both halves of a doubled hour stand in that hour, in the order they come', () => {
  const second = aPost({ id: 'a', scheduled_at: '2026-10-25T01:10:00Z' });
  const first = aPost({ id: 'b', scheduled_at: '2026-10-25T00:50:00Z' });
  const hour = byHour(inOrder([second, first]), BERLIN).get('2026-10-25T02');
  assert.deepEqual(
    hour?.map(({ id }) => id),
    ['b', 'a'],
  );
});

test('a busy day folds, and never by a single post', () => {
  const posts = ['a', 'b', 'c', 'd', 'e'].map((id) => aPost({ id }));
  assert.deepEqual(
    folded(posts, 3, null).shown.map(({ id }) => id),
    ['a', 'b', 'c'],
  );
  assert.equal(folded(posts, 3, null).more, 2);
  assert.equal(folded(posts, 4, null).more, 0);
});

test('the post that is being moved is never folded away', () => {
  const posts = ['a', 'b', 'c', 'd', 'e'].map((id) => aPost({ id }));
  assert.deepEqual(
    folded(posts, 3, 'e').shown.map(({ id }) => id),
    ['a', 'b', 'e'],
  );
});

test('first words are one line, cut between characters as people see them', () => {
  assert.equal(firstWords('Two\n\nlines'), 'Two lines');
  assert.equal(firstWords('👨‍👩‍👧‍👦'.repeat(5), 3), `${'👨‍👩‍👧‍👦'.repeat(3)}…`);
  assert.equal(firstWords('x'.repeat(100_000), 5), 'xxxxx…');
  assert.equal(firstWords('short', 5), 'short');
});

test('a filter keeps what fits in all that was asked for', () => {
  assert.ok(fits(aPost(), EVERYTHING));
  assert.ok(fits(aPost(), { platform: 'x', place: 'place-1', state: 'scheduled' }));
  assert.ok(!fits(aPost(), { platform: 'x', place: 'place-2', state: '' }));
});

test('the view is lively while something is on its way or due within a minute', () => {
  const now = new Date('2026-11-23T09:59:30Z');
  assert.ok(isLively([aPost()], now));
  assert.ok(isLively([aPost({ status: 'publishing' })], new Date('2026-11-24T00:00:00Z')));
  assert.ok(!isLively([aPost()], new Date('2026-11-23T09:00:00Z')));
  assert.ok(!isLively([aPost({ status: 'published' })], now));
  assert.ok(!isLively([aPost()], new Date('2026-11-23T11:00:00Z')));
});
