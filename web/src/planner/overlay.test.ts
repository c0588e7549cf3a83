import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Post } from './grouping.ts';
import { Overlay } from './overlay.ts';

const post = (id: string, content: string) => ({ id, content }) as Post;
const shown = (overlay: Overlay, ...posts: Post[]) => overlay.over(posts).map(({ content }) => content);

test('what was asked for is shown until it is taken back', () => {
  const overlay = new Overlay();
  overlay.expect('a', post('a', 'new'));
  assert.deepEqual(shown(overlay, post('a', 'old')), ['new']);
  assert.ok(overlay.isWaiting('a'));

  overlay.takeBack('a');
  assert.deepEqual(shown(overlay, post('a', 'old')), ['old']);
});

test('a look that began before the answer does not undo it', () => {
  const overlay = new Overlay();
  overlay.expect('a', post('a', 'new'));
  const early = overlay.looking();
  overlay.answer('a', post('a', 'new'));
  overlay.looked(early);
  assert.deepEqual(shown(overlay, post('a', 'old')), ['new']);

  overlay.looked(overlay.looking());
  assert.deepEqual(shown(overlay, post('a', 'newest')), ['newest']);
});

test('a look does not end a wait for an answer', () => {
  const overlay = new Overlay();
  overlay.expect('a', null);
  overlay.looked(overlay.looking());
  assert.deepEqual(shown(overlay, post('a', 'old'), post('b', 'other')), ['other']);
});

test('a post that came to the period is shown before a look brings it', () => {
  const overlay = new Overlay();
  overlay.answer('a', post('a', 'came'));
  assert.deepEqual(shown(overlay), ['came']);
});
