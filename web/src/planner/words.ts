import type { Words } from '../core/element.ts';
import type { Values } from '../core/messages.ts';
import en from './messages/en.json' with { type: 'json' };

export type Key = keyof typeof en;
/** Says a sentence of the planner in the element's language. */
export type Say = (key: Key, values?: Values) => string;

export const words: Words<Key> = {
  en,
  others: { de: () => import('./messages/de.json') },
};

/** The key that the platform's or the publisher's word makes, where there is a sentence for it. */
export function keyOf(prefix: string, word: string | null): Key | null {
  const key = `${prefix}_${word}`;
  return key in en ? (key as Key) : null;
}
