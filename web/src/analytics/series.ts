import type { Figure } from './figures.ts';

const HOUR = 3_600_000;
/** How far apart two steps may be, as a multiple of what is usual, before the line breaks. */
const TOLERANCE = 1.5;

/** One measurement: the step it stands for, when it was taken, and what it found. */
export interface Measured {
  at: number;
  collected: number;
  value: Figure;
}

/** A point of a line: an instant and a value; null breaks the line. */
export type Point = [instant: number, value: Figure];

/** What a line says in numbers. */
export interface Summary {
  first: [number, number];
  last: [number, number];
  lowest: number;
  highest: number;
  /** Measurements that reported a value. */
  measured: number;
  /** Stretches without one between the first and the last. */
  gaps: number;
}

/** The usual distance of steps: a day or a week as asked; by the hour what was measured, which is seldom every hour. */
export function usualStep(granularity: 'hour' | 'day' | 'week', series: Measured[]): number {
  if (granularity === 'day') return 24 * HOUR;
  if (granularity === 'week') return 7 * 24 * HOUR;
  const distances = series.slice(1).map((one, index) => one.at - series[index]!.at);
  distances.sort((one, other) => one - other);
  return Math.max(HOUR, distances[Math.floor(distances.length / 2)] ?? HOUR);
}

/** The line of a series, broken where steps are missing: what was not measured is a gap, never a zero. */
export function withGaps(series: Measured[], usual: number): Point[] {
  return series.flatMap((one, index): Point[] => {
    const point: Point = [one.collected, one.value];
    const before = series[index - 1];
    if (!before || one.at - before.at <= TOLERANCE * usual) return [point];
    return [[(before.collected + one.collected) / 2, null], point];
  });
}

/** What the line says; null where nothing was reported. */
export function summarise(points: Point[]): Summary | null {
  const told = points.filter((point): point is [number, number] => point[1] !== null);
  const [first] = told;
  const last = told.at(-1);
  if (!first || !last) return null;
  const values = told.map(([, value]) => value);
  const inside = points.slice(points.indexOf(first), points.indexOf(last) + 1);
  return {
    first,
    last,
    lowest: Math.min(...values),
    highest: Math.max(...values),
    measured: told.length,
    gaps: inside.filter(([, value], index) => value === null && inside[index - 1]?.[1] !== null).length,
  };
}

/** The places of points that no line reaches, so that they must be drawn as dots. */
export function alone(points: Point[]): Set<number> {
  const told = (index: number) => points[index] !== undefined && points[index][1] !== null;
  const places = points.map((_, index) => index);
  return new Set(places.filter((index) => told(index) && !told(index - 1) && !told(index + 1)));
}
