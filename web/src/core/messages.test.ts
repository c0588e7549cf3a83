import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { knownLocale, LANGUAGES, languageOf, say } from './messages.ts';

const source = new URL('../', import.meta.url).pathname;
const read = (path: string) =>
  JSON.parse(readFileSync(`${source}${path}`, 'utf8')) as Record<string, unknown>;

for (const folder of globSync('*/messages/en.json', { cwd: source }).map(dirname)) {
  test(`${folder} says the same things in every language`, () => {
    const [first, ...others] = LANGUAGES.map((language) => read(`${folder}/${language}.json`));
    for (const other of others) assert.deepEqual(Object.keys(other).sort(), Object.keys(first!).sort());
  });

  test(`${folder} fills the same values in every language`, () => {
    const holes = (sentence: unknown) =>
      [...new Set(JSON.stringify(sentence).match(/\{\w+\}/g) ?? [])].sort();
    const [first, ...others] = LANGUAGES.map((language) => read(`${folder}/${language}.json`));
    for (const other of others)
      for (const key of Object.keys(first!)) assert.deepEqual(holes(other[key]), holes(first![key]), key);
  });
}

test('a sentence takes the plural form of its language and writes numbers as it does', () => {
  const sentence = { one: '{count} post', other: '{count} posts' };
  assert.equal(say(sentence, { count: 1 }, 'en'), '1 post');
  assert.equal(say(sentence, { count: 1200 }, 'en'), '1,200 posts');
  assert.equal(say(sentence, { count: 1200 }, 'de'), '1.200 posts');
});

test('a value is filled in as it is, even where it looks like a hole', () => {
  assert.equal(say('{a} and {b}', { a: '{b}', b: 'x' }, 'en'), '{b} and x');
});

test('a language without message files is spoken to in English', () => {
  assert.equal(languageOf('de-AT'), 'de');
  assert.equal(languageOf('fr'), 'en');
});

test('a locale is taken as it is meant, and one that is none is English', () => {
  assert.equal(knownLocale('en_US'), 'en-US');
  assert.equal(knownLocale('de-AT'), 'de-AT');
  for (const none of ['', '!', 'x', 'german please']) assert.equal(knownLocale(none), 'en', none);
});

test('a name that is written from the right, or claims to be, turns none of our words round', () => {
  assert.equal(say('Unlink {name}?', { name: '\u202eelttek' }, 'en'), 'Unlink \u2068elttek\u2069?');
  assert.equal(say('Unlink {name}?', { name: 'קומקום' }, 'en'), 'Unlink \u2068קומקום\u2069?');
  assert.equal(say('Unlink {name}?', { name: 'Kessel ü' }, 'en'), 'Unlink Kessel ü?');
});
