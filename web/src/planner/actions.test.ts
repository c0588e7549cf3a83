import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionsOf, looks, may, STATES } from './actions.ts';

test('a post that is going out, or a state that is new here, offers nothing', () => {
  assert.deepEqual(actionsOf('publishing'), []);
  assert.deepEqual(actionsOf('archived'), []);
});

test('each state offers what the state table allows and nothing else', () => {
  const table = {
    draft: 'edit move publish remove',
    scheduled: 'edit move publish unschedule cancel',
    held: 'edit move unschedule cancel',
    published: 'hide',
    failed: 'retry edit move remove',
    unknown: 'resolve retry',
    missed: 'retry remove',
    canceled: 'remove',
  };
  for (const [state, actions] of Object.entries(table))
    assert.equal(actionsOf(state).join(' '), actions, state);
});

test('only what has not gone out is moved', () => {
  assert.deepEqual(
    STATES.filter((state) => may('move', state)),
    ['draft', 'scheduled', 'held', 'failed'],
  );
});

test('no two states share a drawing', () => {
  assert.equal(new Set(Object.values(looks).map(({ icon }) => icon)).size, STATES.length);
});
