import type { Words } from '../core/element.ts';
import type { Values } from '../core/messages.ts';
import en from './messages/en.json' with { type: 'json' };

export type Key = keyof typeof en;
/** A sentence of the console. */
export type Say = (key: Key, values?: Values) => string;

export const words: Words<Key> = {
  en,
  others: { de: () => import('./messages/de.json') },
};
