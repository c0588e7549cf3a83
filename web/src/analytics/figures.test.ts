import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, compareMoved, writeCount, writeRate } from './figures.ts';

test('counts are written as the locale writes them, millions short where there is little room', () => {
  assert.equal(writeCount(1234567, 'en'), '1,234,567');
  assert.equal(writeCount(1234567, 'en', 'small'), '1.23M');
  assert.equal(writeCount(54321, 'de', 'small'), '54.321');
});

test('a rate is a percentage', () => {
  assert.equal(writeRate(4.25, 'en'), '4.25%');
  assert.equal(writeRate(4.25, 'de'), '4,25\u00a0%');
});

test('a change says its direction and its size without a sign', () => {
  assert.deepEqual(compare(12, 10, 20, 'en'), { direction: 'up', key: 'more', amount: '20%' });
  assert.deepEqual(compare(8, 10, -20, 'de'), { direction: 'down', key: 'less', amount: '20\u00a0%' });
  assert.deepEqual(compare(10, 10, 0, 'en'), { direction: 'equal', key: 'same', amount: '' });
});

test('a change too small for the API to tell is no change of 0 percent', () => {
  assert.deepEqual(compare(100001, 100000, 0, 'en'), { direction: 'equal', key: 'aboutSame', amount: '' });
});

test('a change from nothing has no percentage', () => {
  assert.deepEqual(compare(5, 0, null, 'en'), { direction: 'up', key: 'upFromZero', amount: '' });
  assert.deepEqual(compare(0, 0, null, 'en'), { direction: 'equal', key: 'zeroBefore', amount: '' });
});

test('what was not reported is not compared', () => {
  assert.equal(compare(5, null, null, 'en').key, 'notReportedBefore');
  assert.equal(compare(5, undefined, null, 'en').key, 'nothingBefore');
  assert.equal(compareMoved(null, String).direction, 'absent');
});

test('a number that moved is told by how much', () => {
  assert.deepEqual(compareMoved(-12, String), { direction: 'down', key: 'less', amount: '12' });
  assert.deepEqual(compareMoved(12, String), { direction: 'up', key: 'more', amount: '12' });
  assert.deepEqual(compareMoved(0, String), { direction: 'equal', key: 'same', amount: '' });
});
