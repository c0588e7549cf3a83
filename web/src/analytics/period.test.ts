import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundsOf, dayIn, lengthOf, parsePeriod, rangeProblem, writePeriod } from './period.ts';

const TODAY = '2026-11-23';
const NOW = new Date('2026-11-23T18:00:00Z');

test('a period is read from an address and written back', () => {
  for (const text of ['7d', '28d', '90d', '2026-11-01..2026-11-15'])
    assert.equal(writePeriod(parsePeriod(text, TODAY)), text);
});

test('what cannot be reported is the last 28 days', () => {
  const strange = [
    '',
    '5d',
    '2026-11-15..2026-11-01',
    '2026-02-30..2026-03-01',
    '2026-12-01..2026-12-02',
    'a..b',
    '1..2..3',
  ];
  for (const text of strange) assert.equal(writePeriod(parsePeriod(text, TODAY)), '28d', text);
});

test('the last days begin at midnight of the zone, today included, and end now', () => {
  assert.deepEqual(boundsOf({ kind: 'last', days: 7 }, 'Europe/Berlin', NOW), {
    from: '2026-11-16T23:00:00.000Z',
  });
  assert.deepEqual(boundsOf({ kind: 'last', days: 7 }, 'Pacific/Auckland', NOW), {
    from: '2026-11-17T11:00:00.000Z',
  });
});

test('days of the calendar reach to the end of the last, across a change of clocks', () => {
  const march = { kind: 'range', first: '2026-03-28', last: '2026-03-29' } as const;
  assert.deepEqual(boundsOf(march, 'Europe/Berlin', NOW), {
    from: '2026-03-27T23:00:00.000Z',
    to: '2026-03-29T22:00:00.000Z',
  });
});

test('a day whose midnight the clocks skip begins at its first moment', () => {
  const begin = boundsOf({ kind: 'range', first: '2026-09-06', last: '2026-09-06' }, 'America/Santiago', NOW);
  assert.deepEqual(begin, { from: '2026-09-06T04:00:00.000Z', to: '2026-09-07T03:00:00.000Z' });
});

test('a range that reaches today ends now', () => {
  const open = boundsOf({ kind: 'range', first: '2026-11-01', last: '2026-11-30' }, 'UTC', NOW);
  assert.deepEqual(open, { from: '2026-11-01T00:00:00.000Z' });
});

test('a wrong range says what is wrong with it', () => {
  assert.equal(rangeProblem('', '2026-11-02', TODAY), 'rangeMissing');
  assert.equal(rangeProblem('2026-11-03', '2026-11-02', TODAY), 'rangeBackwards');
  assert.equal(rangeProblem('2026-11-24', '2026-11-25', TODAY), 'rangeFuture');
  assert.equal(rangeProblem('2024-01-01', '2026-11-02', TODAY), 'rangeLong');
  assert.equal(rangeProblem('2026-11-01', '2026-11-01', TODAY), null);
});

test('today is the day of the zone, and both ends of a range count', () => {
  assert.equal(dayIn(new Date('2026-11-23T23:30:00Z'), 'Asia/Tokyo'), '2026-11-24');
  assert.equal(lengthOf('2026-03-28', '2026-03-30'), 3);
});
