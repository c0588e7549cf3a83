import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lowQuota, type Quota, windowOf } from './quota.ts';

function left(count: number, limit: number | null, endpoint = 'posts'): Quota {
  return { endpoint, counted_by: 'us', limit, left: count, window_s: 900, resets_at: null };
}

test('a limit is told when it is nearly used up, the nearest to its end first', () => {
  assert.equal(lowQuota([left(100, 100), left(50, 100)]), null);
  assert.equal(lowQuota([left(9, 100, 'a'), left(2, 100, 'b'), left(80, 100)])?.endpoint, 'b');
  assert.equal(lowQuota([left(0, 100)])?.left, 0);
});

test('a small limit that nobody drew on yet is not low', () => {
  assert.equal(lowQuota([left(2, 2)]), null);
  assert.equal(lowQuota([left(1, 2)])?.left, 1);
});

test('a window is told in its largest unit', () => {
  assert.deepEqual([900, 3_600, 86_400].map(windowOf), [
    [15, 'minute'],
    [1, 'hour'],
    [1, 'day'],
  ]);
});
