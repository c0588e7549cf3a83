import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstTimeOn, isZone, meaningOf, plusDays, wallTime, zoneLabel } from './time.ts';

const iso = (dates: Date[]) => dates.map((date) => date.toISOString());

test('a wall time means one instant on most days', () => {
  const meaning = meaningOf('2026-07-01T09:30', 'Europe/Berlin');
  assert.equal(meaning?.kind, 'once');
  assert.deepEqual(iso(meaning.instants), ['2026-07-01T07:30:00.000Z']);
});

test('a time that clocks skip is as far after the gap', () => {
  const meaning = meaningOf('2026-03-29T02:30', 'Europe/Berlin');
  assert.equal(meaning?.kind, 'skipped');
  assert.deepEqual(iso(meaning.instants), ['2026-03-29T01:30:00.000Z']);
  assert.equal(wallTime(meaning.instants[0], 'Europe/Berlin'), '2026-03-29T03:30');
});

test('a time that comes twice means both instants, the earlier first', () => {
  const meaning = meaningOf('2026-10-25T02:30', 'Europe/Berlin');
  assert.equal(meaning?.kind, 'twice');
  assert.deepEqual(iso(meaning.instants), ['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z']);
});

test('zones with half hours, and with half-hour changes, hold', () => {
  assert.deepEqual(iso(meaningOf('2026-01-05T09:00', 'Asia/Kolkata')!.instants), [
    '2026-01-05T03:30:00.000Z',
  ]);
  assert.equal(meaningOf('2026-10-04T02:15', 'Australia/Lord_Howe')?.kind, 'skipped');
  assert.equal(meaningOf('2026-04-05T01:45', 'Australia/Lord_Howe')?.kind, 'twice');
});

test('every instant of a day is shown and found again', () => {
  for (let hour = 0; hour < 48; hour += 1) {
    const instant = new Date(Date.UTC(2026, 2, 28, hour, 15));
    const meaning = meaningOf(wallTime(instant, 'America/New_York'), 'America/New_York');
    assert.ok(iso(meaning!.instants).includes(instant.toISOString()));
  }
});

test('what is no time has no meaning', () => {
  assert.equal(meaningOf('', 'UTC'), null);
  assert.equal(meaningOf('2026-13-01T00:00', 'UTC'), null);
});

test('days are added to what the wall shows', () => {
  assert.equal(plusDays('2026-12-31T23:15', 1), '2027-01-01T23:15');
  assert.equal(plusDays('2026-03-01T09:00', -1), '2026-02-28T09:00');
});

test('a post without a time gets the morning, or the next full hour of a day that has begun', () => {
  const now = new Date('2026-11-23T13:20:00Z');
  assert.equal(firstTimeOn('2026-11-24', 'Europe/Berlin', now), '2026-11-24T09:00');
  assert.equal(firstTimeOn('2026-11-23', 'Europe/Berlin', now), '2026-11-23T15:00');
  assert.equal(firstTimeOn('2026-11-22', 'Europe/Berlin', now), '2026-11-22T09:00');
  assert.equal(
    firstTimeOn('2026-12-31', 'Europe/Berlin', new Date('2026-12-31T22:40:00Z')),
    '2027-01-01T00:00',
  );
});

test('a zone is named with its offset of that day', () => {
  assert.equal(zoneLabel('Europe/Berlin', new Date('2026-07-01T00:00Z'), 'en'), 'Europe/Berlin (GMT+2)');
  assert.ok(isZone('Europe/Berlin'));
  assert.ok(!isZone('Nowhere/Land'));
});
