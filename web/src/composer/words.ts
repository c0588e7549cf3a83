import type { Words } from '../core/element.ts';
import type { Values } from '../core/messages.ts';
import en from './messages/en.json' with { type: 'json' };

export type Key = keyof typeof en;
/** A sentence of this feature. */
export type Say = (key: Key, values?: Values) => string;

export const words: Words<Key> = {
  en,
  others: { de: () => import('./messages/de.json') },
};

/** The word for an option's name or choice; one that is new here as the API spells it, with spaces. */
export function wordFor(t: Say, group: 'option' | 'choice', name: string): string {
  const key = `${group}_${name}`;
  return key in en ? t(key as Key) : name.replaceAll('_', ' ');
}
