import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alone, type Measured, summarise, usualStep, withGaps } from './series.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (step: number, value: number | null, unit = DAY): Measured => ({
  at: step * unit,
  collected: step * unit + HOUR / 2,
  value,
});

test('a missing day breaks the line and is no zero', () => {
  const points = withGaps([at(1, 10), at(2, 11), at(4, 13)], DAY);
  assert.deepEqual(
    points.map(([, value]) => value),
    [10, 11, null, 13],
  );
  assert.ok(points[2]![0] > points[1]![0] && points[2]![0] < points[3]![0]);
});

test('a step that was measured but not reported breaks the line too', () => {
  const points = withGaps([at(1, 10), at(2, null), at(3, 12)], DAY);
  assert.deepEqual(
    points.map(([, value]) => value),
    [10, null, 12],
  );
});

test('numbers that come every six hours are one line by the hour, until one is missed', () => {
  const series = [0, 6, 12, 24].map((hour) => at(hour, hour, HOUR));
  const usual = usualStep('hour', series);
  assert.equal(usual, 6 * HOUR);
  assert.deepEqual(
    withGaps(series, usual).map(([, value]) => value),
    [0, 6, 12, null, 24],
  );
});

test('by the day and by the week the step is what was asked', () => {
  assert.equal(usualStep('day', []), DAY);
  assert.equal(usualStep('week', [at(0, 1), at(30, 1)]), 7 * DAY);
  assert.equal(usualStep('hour', []), HOUR);
});

test('a line is summed up from its first to its last reported value', () => {
  const points = withGaps([at(0, null), at(1, 10), at(3, 4), at(4, null), at(5, 20)], DAY);
  assert.deepEqual(summarise(points), {
    first: [DAY + HOUR / 2, 10],
    last: [5 * DAY + HOUR / 2, 20],
    lowest: 4,
    highest: 20,
    measured: 3,
    gaps: 2,
  });
});

test('a line without any value has no summary', () => {
  assert.equal(summarise([]), null);
  assert.equal(summarise(withGaps([at(1, null), at(2, null)], DAY)), null);
});

test('one point has a summary of its own and stands alone', () => {
  const points = withGaps([at(1, 7)], DAY);
  assert.equal(summarise(points)?.measured, 1);
  assert.deepEqual([...alone(points)], [0]);
});

test('a point between two gaps stands alone, those of a line do not', () => {
  assert.deepEqual([...alone(withGaps([at(1, 1), at(2, 2), at(4, 4), at(6, 6), at(7, 7)], DAY))], [3]);
});
