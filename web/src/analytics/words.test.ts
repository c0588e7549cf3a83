import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstWords } from './words.ts';

test('a short text stays, on one line', () => {
  assert.equal(firstWords('  A kettle\n\nthat   whistles '), 'A kettle that whistles');
  assert.equal(firstWords(' \n'), '');
});

test('a long text is cut, and no family of emoji is torn apart', () => {
  assert.equal(firstWords('👩‍👩‍👧‍👦'.repeat(130)), `${'👩‍👩‍👧‍👦'.repeat(120)}…`);
  assert.equal(firstWords('a'.repeat(100_000)).length, 121);
});
