/** Words enough to know a post by, never cut within a letter or an emoji. */
const LONGEST = 120;
const READ_AT_MOST = 2000;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The first words of a text on one line; empty where it has none. */
export function firstWords(text: string): string {
  const line = text.slice(0, READ_AT_MOST).replaceAll(/\s+/g, ' ').trim();
  const letters = Array.from(segmenter.segment(line), ({ segment }) => segment);
  return letters.length <= LONGEST ? line : `${letters.slice(0, LONGEST).join('').trimEnd()}…`;
}
