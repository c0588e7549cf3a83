import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterKey, inHour, landingOf, onDay } from './moves.ts';

const BERLIN = 'Europe/Berlin';
const LONG_AGO = new Date('2020-01-01T00:00:00Z');

test('a post keeps its time of the clock on another day, over a change of the clocks too', () => {
  const landing = landingOf(onDay('2026-03-27T09:30', '2026-03-30'), BERLIN, LONG_AGO);
  assert.equal(landing?.at.toISOString(), '2026-03-30T07:30:00.000Z');
  assert.equal(landing?.skipped, false);
  assert.equal(landing?.later, null);
});

test('a time that the clocks skip lands as far after the gap, and is told', () => {
  const landing = landingOf('2026-03-29T02:30', BERLIN, LONG_AGO);
  assert.equal(landing?.at.toISOString(), '2026-03-29T01:30:00.000Z');
  assert.equal(landing?.skipped, true);
});

test('a time that comes twice lands on the first and offers the second', () => {
  const landing = landingOf('2026-10-25T02:30', BERLIN, LONG_AGO);
  assert.equal(landing?.at.toISOString(), '2026-10-25T00:30:00.000Z');
  assert.equal(landing?.later?.toISOString(), '2026-10-25T01:30:00.000Z');
});

test('when the first of two equal times has passed, the second is taken without a question', () => {
  const landing = landingOf('2026-10-25T02:30', BERLIN, new Date('2026-10-25T01:00:00Z'));
  assert.equal(landing?.at.toISOString(), '2026-10-25T01:30:00.000Z');
  assert.equal(landing?.later, null);
  assert.equal(landing?.past, false);
});

test('a time that has passed is told as past', () => {
  assert.equal(landingOf('2026-11-23T09:00', BERLIN, new Date('2026-11-23T08:00:00Z'))?.past, true);
  assert.equal(landingOf('2026-11-23T09:01', BERLIN, new Date('2026-11-23T08:00:00Z'))?.past, false);
});

test('what is no time lands nowhere', () => {
  assert.equal(landingOf('soon', BERLIN, LONG_AGO), null);
});

test('another hour keeps the minutes', () => {
  assert.equal(inHour('2026-11-23T09:45', '2026-11-24', 7), '2026-11-24T07:45');
});

test('arrows move by days and weeks in a month, by days and hours elsewhere, over the end of a year', () => {
  assert.equal(afterKey('ArrowRight', '2026-12-31T23:30', false), '2027-01-01T23:30');
  assert.equal(afterKey('ArrowUp', '2027-01-03T10:00', false), '2026-12-27T10:00');
  assert.equal(afterKey('ArrowDown', '2026-12-31T23:30', true), '2027-01-01T00:30');
  assert.equal(afterKey('ArrowLeft', '2026-03-01T08:00', true), '2026-02-28T08:00');
  assert.equal(afterKey('a', '2026-03-01T08:00', true), null);
});
