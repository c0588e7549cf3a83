/** A number as a report gives it: null is "not reported", never 0. */
export type Figure = number | null;

/** What is counted of posts. */
export const COUNTS = [
  'reach',
  'impressions',
  'likes',
  'comments',
  'shares',
  'saves',
  'clicks',
  'views',
] as const;
/** What a post is measured by. */
export const METRICS = ['engagement_rate', ...COUNTS] as const;

/** How a number stands to the one before it, and the sentence that says so. */
export interface Comparison {
  direction: 'up' | 'down' | 'equal' | 'absent';
  key:
    | 'more'
    | 'less'
    | 'same'
    | 'aboutSame'
    | 'upFromZero'
    | 'zeroBefore'
    | 'notReportedBefore'
    | 'nothingBefore';
  /** By how much, already written; empty where the sentence has none. */
  amount: string;
}

const COMPACT_FROM = 1_000_000;

/** A count in full; millions are shortened where the place is small. */
export function writeCount(value: number, locale: string, space: 'small' | 'wide' = 'wide'): string {
  const shortened = space === 'small' && Math.abs(value) >= COMPACT_FROM;
  const options: Intl.NumberFormatOptions = shortened
    ? { notation: 'compact', maximumFractionDigits: 2 }
    : {};
  return new Intl.NumberFormat(locale, options).format(value);
}

/** A rate of the API ("4.25" of a hundred) as percent. */
export function writeRate(value: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 }).format(value / 100);
}

/** A change in percent without its sign, which icon and words say. */
function writeChange(percent: number, locale: string): string {
  return writeRate(Math.abs(percent), locale);
}

/** A number of now against the one of the period before; `percent` is what the API says of the two. */
export function compare(
  now: Figure,
  before: Figure | undefined,
  percent: Figure,
  locale: string,
): Comparison {
  if (before === undefined) return { direction: 'absent', key: 'nothingBefore', amount: '' };
  if (before === null || now === null) return { direction: 'absent', key: 'notReportedBefore', amount: '' };
  if (now === before) return { direction: 'equal', key: before === 0 ? 'zeroBefore' : 'same', amount: '' };
  if (before === 0 || percent === null) return { direction: 'up', key: 'upFromZero', amount: '' };
  if (percent === 0) return { direction: 'equal', key: 'aboutSame', amount: '' };
  return now > before
    ? { direction: 'up', key: 'more', amount: writeChange(percent, locale) }
    : { direction: 'down', key: 'less', amount: writeChange(percent, locale) };
}

/** A number that moved by so much, where no percentage would be true (as for followers of newly linked accounts). */
export function compareMoved(moved: Figure, write: (value: number) => string): Comparison {
  if (moved === null) return { direction: 'absent', key: 'nothingBefore', amount: '' };
  if (moved === 0) return { direction: 'equal', key: 'same', amount: '' };
  return moved > 0
    ? { direction: 'up', key: 'more', amount: write(moved) }
    : { direction: 'down', key: 'less', amount: write(-moved) };
}
