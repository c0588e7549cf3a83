import assert from 'node:assert/strict';
import { test } from 'node:test';
import { userOf } from './api.ts';

test('a token tells whose it is, and any other text nobody', () => {
  const claims = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  assert.equal(userOf(`e30.${claims({ sub: 'ü-1' })}.x`) === null, false);
  assert.equal(userOf(`e30.${claims({ sub: 'merchant-1', name: '???>>>' })}.x`), 'merchant-1');
  for (const none of ['', 'a', 'a.b.c', `e30.${claims({ sub: 7 })}.x`, `e30.${claims({})}.x`])
    assert.equal(userOf(none), null, none);
});
