import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ariaSort, pressed, type Sortable, sortAccounts, writeSort } from './sorting.ts';

const account = (name: string, followers: number | null, collected_at: string | null = null): Sortable => ({
  name,
  followers,
  reach: null,
  impressions: null,
  engagement_rate: null,
  collected_at,
});
const accounts = [account('Zoo', 9), account('Äpfel', null), account('bar', 100), account('Ast', 0)];
const names = (sorted: Sortable[]) => sorted.map(({ name }) => name);

test('accounts without the number come last either way', () => {
  assert.deepEqual(names(sortAccounts(accounts, { key: 'followers', descending: true }, 'en')), [
    'bar',
    'Zoo',
    'Ast',
    'Äpfel',
  ]);
  assert.deepEqual(names(sortAccounts(accounts, { key: 'followers', descending: false }, 'en')), [
    'Ast',
    'Zoo',
    'bar',
    'Äpfel',
  ]);
});

test('names are sorted as the language sorts them', () => {
  assert.deepEqual(names(sortAccounts(accounts, { key: 'name', descending: false }, 'de')), [
    'Äpfel',
    'Ast',
    'bar',
    'Zoo',
  ]);
});

test('times are sorted, and what was never collected is last', () => {
  const timed = [
    account('a', 1, '2026-01-01T00:00:00Z'),
    account('b', 1, null),
    account('c', 1, '2026-02-01T00:00:00Z'),
  ];
  assert.deepEqual(names(sortAccounts(timed, { key: 'collected_at', descending: true }, 'en')), [
    'c',
    'a',
    'b',
  ]);
});

test('a press turns the order round, a press on another column begins with its greatest', () => {
  const byName = { key: 'name', descending: false } as const;
  assert.deepEqual(pressed(byName, 'name'), { key: 'name', descending: true });
  assert.deepEqual(pressed(byName, 'reach'), { key: 'reach', descending: true });
  assert.deepEqual(pressed({ key: 'reach', descending: true }, 'name'), byName);
});

test('a column says how it is sorted', () => {
  assert.equal(ariaSort({ key: 'reach', descending: true }, 'reach'), 'descending');
  assert.equal(ariaSort({ key: 'reach', descending: false }, 'reach'), 'ascending');
  assert.equal(ariaSort({ key: 'reach', descending: false }, 'name'), 'none');
});

test('a sort of posts is written as the API takes it', () => {
  assert.equal(writeSort({ key: 'likes', descending: true }), '-likes');
  assert.equal(writeSort({ key: 'posted_at', descending: false }), 'posted_at');
});
