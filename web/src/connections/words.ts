import type { Words } from '../core/element.ts';
import en from './messages/en.json' with { type: 'json' };

export type Key = keyof typeof en;
/** A sentence of this feature. */
export type Say = (key: Key, values?: Record<string, string | number>) => string;

export const words: Words<Key> = {
  en,
  others: { de: () => import('./messages/de.json') },
};

/** The sentence of a code that the API may add to: a known one, else the one for all others. */
export function keyOr(key: string, otherwise: Key): Key {
  return key in en ? (key as Key) : otherwise;
}
