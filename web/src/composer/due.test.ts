import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueOf, instantOf, partsOf, wallOf } from './due.ts';

const BERLIN = 'Europe/Berlin';
const early = new Date('2026-01-01T00:00:00Z');

test('a time means what the clocks of the zone show', () => {
  assert.deepEqual(dueOf('2026-07-01T09:30', false, BERLIN, early), {
    kind: 'once',
    instant: new Date('2026-07-01T07:30:00Z'),
  });
});

test('a time that clocks skip goes out as far after the gap', () => {
  const due = dueOf('2026-03-29T02:30', false, BERLIN, early);
  assert.deepEqual(due, { kind: 'skipped', instant: new Date('2026-03-29T01:30:00Z') });
});

test('a time that comes twice is the one that was chosen', () => {
  const both = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].map((text) => new Date(text));
  for (const second of [false, true]) {
    const due = dueOf('2026-10-25T02:30', second, BERLIN, early);
    assert.deepEqual(due, { kind: 'twice', instant: both[Number(second)], both });
  }
});

test('a time that is over, a half one and none cannot be planned for', () => {
  assert.deepEqual(dueOf('2025-12-31T09:30', false, BERLIN, early), { kind: 'past' });
  for (const wall of ['', '2026-07-01T', 'T09:30', 'soon'])
    assert.equal(instantOf(dueOf(wall, false, BERLIN, early)), null, wall);
});

test('a wall time comes apart and together again', () => {
  assert.deepEqual(partsOf(wallOf('2026-07-01', '09:30')), { date: '2026-07-01', time: '09:30' });
  assert.equal(wallOf('', ''), '');
  assert.equal(wallOf('2026-07-01', '09:30:00'), '2026-07-01T09:30');
});

test('inside the doubled hour, once the first of both is over, the second is meant', () => {
  const between = new Date('2026-10-25T00:45:00Z');
  for (const second of [false, true]) {
    const due = dueOf('2026-10-25T02:30', second, 'Europe/Berlin', between);
    assert.deepEqual(due, { kind: 'once', instant: new Date('2026-10-25T01:30:00Z') });
  }
});
