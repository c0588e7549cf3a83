import { type Key as ComposerKey, words as composerWords } from '../composer/words.ts';
import type { Words } from '../core/element.ts';
import en from './messages/en.json' with { type: 'json' };

export type Key = keyof typeof en;

/** The words of sharing, with those of composing, which it has most of its form from. */
export const words: Words<Key | ComposerKey> = {
  en: { ...composerWords.en, ...en },
  others: {
    de: async () => {
      const [composer, share] = await Promise.all([composerWords.others.de(), import('./messages/de.json')]);
      return { default: { ...composer.default, ...share.default } };
    },
  },
};
