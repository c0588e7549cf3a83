import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addDays,
  beginningOf,
  dayAt,
  daysShown,
  firstWeekday,
  isDay,
  monthWeeks,
  periodOf,
  stepped,
  weekOf,
} from './calendar.ts';

const BERLIN = 'Europe/Berlin';
const MONDAY = 1;
const SUNDAY = 7;

test('weeks begin where the locale begins them', () => {
  assert.equal(firstWeekday('de-DE'), 1);
  assert.equal(firstWeekday('en-US'), 7);
  assert.equal(firstWeekday('en-GB'), 1);
  assert.equal(firstWeekday('ar-EG'), 6);
});

test('a week has the seven days around a day, also over the end of a year', () => {
  assert.deepEqual(weekOf('2026-01-01', MONDAY), [
    '2025-12-29',
    '2025-12-30',
    '2025-12-31',
    '2026-01-01',
    '2026-01-02',
    '2026-01-03',
    '2026-01-04',
  ]);
  assert.equal(weekOf('2026-11-22', SUNDAY)[0], '2026-11-22');
  assert.equal(weekOf('2026-11-22', MONDAY)[0], '2026-11-16');
});

test('a month is shown in whole weeks and no more than it needs', () => {
  const november = monthWeeks('2026-11-23', MONDAY);
  assert.equal(november[0]?.[0], '2026-10-26');
  assert.equal(november.at(-1)?.at(-1), '2026-12-06');
  assert.equal(november.length, 6);
  assert.equal(monthWeeks('2026-02-10', SUNDAY).length, 4);
});

test('December leads to January of the next year, and back', () => {
  assert.equal(stepped('month', '2026-12-31', 1), '2027-01-31');
  assert.equal(stepped('month', '2027-01-15', -1), '2026-12-15');
  assert.equal(stepped('week', '2026-12-28', 1), '2027-01-04');
});

test('a day that the next month lacks becomes its last', () => {
  assert.equal(stepped('month', '2026-01-31', 1), '2026-02-28');
  assert.equal(stepped('list', '2028-03-31', -1), '2028-02-29');
});

test('a list shows every day of the month', () => {
  const days = daysShown('list', '2026-02-14', MONDAY);
  assert.equal(days.length, 28);
  assert.equal(days[0], '2026-02-01');
});

test('a period begins and ends at midnight of the zone, whatever its offset is then', () => {
  const { from, to } = periodOf('list', '2026-03-10', MONDAY, BERLIN);
  assert.equal(from.toISOString(), '2026-02-28T23:00:00.000Z');
  assert.equal(to.toISOString(), '2026-03-31T22:00:00.000Z');
});

test('a day whose midnight is skipped begins after the gap', () => {
  assert.equal(beginningOf('2026-03-29', 'Asia/Beirut').toISOString(), '2026-03-28T22:00:00.000Z');
});

test('an instant is on the day that the zone has then', () => {
  const instant = new Date('2026-12-31T23:30:00Z');
  assert.equal(dayAt(instant, BERLIN), '2027-01-01');
  assert.equal(dayAt(instant, 'America/New_York'), '2026-12-31');
});

test('only days of the calendar are days', () => {
  assert.ok(isDay('2028-02-29'));
  for (const text of ['2026-02-29', '2026-13-01', '2026-1-1', 'today', '']) assert.ok(!isDay(text), text);
  assert.equal(addDays('2026-12-31', 1), '2027-01-01');
});
