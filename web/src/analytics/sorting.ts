import { type Figure, METRICS } from './figures.ts';

/** The columns of the table of accounts. */
export const ACCOUNT_KEYS = [
  'name',
  'followers',
  'reach',
  'impressions',
  'engagement_rate',
  'collected_at',
] as const;
export type AccountKey = (typeof ACCOUNT_KEYS)[number];

/** What posts are sorted by. */
export const POST_KEYS = ['posted_at', ...METRICS] as const;
export type PostKey = (typeof POST_KEYS)[number];

/** A key and a direction. */
export interface Sort<Key extends string> {
  key: Key;
  descending: boolean;
}

/** What a table of accounts is sorted by. */
export interface Sortable {
  name: string;
  followers: Figure;
  reach: Figure;
  impressions: Figure;
  engagement_rate: Figure;
  collected_at: string | null;
}

/** The accounts in order; those without the value come last either way. */
export function sortAccounts<T extends Sortable>(
  accounts: T[],
  { key, descending }: Sort<AccountKey>,
  locale: string,
): T[] {
  const { compare } = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  return accounts.toSorted((one, other) => {
    const [a, b] = [one[key], other[key]];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    const order = typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b));
    return descending ? -order : order;
  });
}

/** The sort after a press on a column: the other way round, or a new column with its greatest first (names A to Z). */
export function pressed(sort: Sort<AccountKey>, key: AccountKey): Sort<AccountKey> {
  return key === sort.key ? { key, descending: !sort.descending } : { key, descending: key !== 'name' };
}

/** A column's `aria-sort`. */
export function ariaSort(sort: Sort<AccountKey>, key: AccountKey): 'ascending' | 'descending' | 'none' {
  if (key !== sort.key) return 'none';
  return sort.descending ? 'descending' : 'ascending';
}

/** A sort of posts as the API takes it. */
export function writeSort({ key, descending }: Sort<PostKey>): PostKey | `-${PostKey}` {
  return descending ? `-${key}` : key;
}
