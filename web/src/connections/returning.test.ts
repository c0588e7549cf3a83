import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consentPage, takeOutcome } from './returning.ts';

test('an authorized return gives its code once and leaves the rest of the address', () => {
  const taken = takeOutcome('https://shop.example/a?tab=2&status=authorized&link_code=c0de#top');
  assert.deepEqual(taken, {
    outcome: { status: 'authorized', linkCode: 'c0de' },
    rest: 'https://shop.example/a?tab=2#top',
  });
  assert.equal(takeOutcome(taken?.rest ?? ''), null);
});

test('a denied and a failed return are told apart, and an error without a name is still one', () => {
  assert.deepEqual(takeOutcome('https://shop.example/?status=denied')?.outcome, { status: 'denied' });
  assert.deepEqual(takeOutcome('https://shop.example/?status=failed&error=rate_limited')?.outcome, {
    status: 'failed',
    error: 'rate_limited',
  });
  assert.deepEqual(takeOutcome('https://shop.example/?status=failed')?.outcome, {
    status: 'failed',
    error: 'other',
  });
});

test('what Facebook and Instagram leave behind the address goes with the outcome', () => {
  for (const leftover of ['#_', '#_=_'])
    assert.equal(
      takeOutcome(`https://shop.example/a?status=denied${leftover}`)?.rest,
      'https://shop.example/a',
    );
});

test('a status of the page itself is left alone', () => {
  assert.equal(takeOutcome('https://shop.example/?status=open'), null);
  assert.equal(takeOutcome('https://shop.example/?status=authorized'), null);
});

test('only pages of the web are opened for a consent', () => {
  assert.equal(consentPage('https://x.example/authorize?a=1'), 'https://x.example/authorize?a=1');
  assert.throws(() => consentPage('javascript:alert(1)'));
  assert.throws(() => consentPage('data:text/html,hi'));
});
