import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiProblem, SignInNeeded, Unreachable } from '../core/problem.ts';
import { Wish } from './wish.ts';

function wish() {
  let count = 0;
  return new Wish(() => `key ${++count}`);
}
const refusal = (status: number) => new ApiProblem(status, {}, null);

test('the same wish has the same key, another wish another', () => {
  const one = wish();
  assert.equal(one.keyFor({ a: 1 }), 'key 1');
  assert.equal(one.keyFor({ a: 1 }), 'key 1');
  assert.equal(one.keyFor({ a: 2 }), 'key 2');
});

test('a wish without a clear answer stays the same', () => {
  const one = wish();
  for (const error of [new Unreachable(), new SignInNeeded(), refusal(503), refusal(409), refusal(429)]) {
    one.keyFor({});
    one.failed(error);
    assert.equal(one.keyFor({}), 'key 1');
  }
});

test('a wish that was granted or refused for good is a new one when it is sent again', () => {
  const one = wish();
  one.keyFor({});
  one.failed(refusal(422));
  assert.equal(one.keyFor({}), 'key 2');
  one.ended();
  assert.equal(one.keyFor({}), 'key 3');
});
