/** The words of one feature in one language: a sentence, or its plural forms by CLDR category. */
export type Sentence = string | ({ other: string } & Partial<Record<Intl.LDMLPluralRule, string>>);
export type Messages = Record<string, Sentence>;
/** What fills `{name}` in a sentence; `count` also chooses the plural form. */
export type Values = Record<string, string | number>;

/** The languages that have message files; the first stands in for every other. */
export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The language of ours that fits a locale best. */
export function languageOf(locale: string): Language {
  const wanted = locale.toLowerCase().split('-')[0];
  return LANGUAGES.find((language) => language === wanted) ?? LANGUAGES[0];
}

/** The locale that a page asks for as the browser knows it (`en_US` is meant as `en-US`), or English. */
export function knownLocale(asked: string): string {
  try {
    const [locale] = Intl.DateTimeFormat.supportedLocalesOf([asked.replaceAll('_', '-')]);
    return locale ?? 'en';
  } catch {
    return 'en';
  }
}

/** The sentence with its values filled in; numbers are written as the locale writes them. */
export function say(sentence: Sentence, values: Values, locale: string): string {
  const form = typeof sentence === 'string' ? sentence : pluralOf(sentence, values.count, locale);
  return form.replaceAll(/\{(\w+)\}/g, (_, name: string) => written(values[name], locale));
}

function pluralOf(
  forms: Exclude<Sentence, string>,
  count: string | number | undefined,
  locale: string,
): string {
  return forms[new Intl.PluralRules(locale).select(Number(count ?? 0))] ?? forms.other;
}

// Names of platforms may be written from the right, or claim to be: such a name must not turn our own words round.
const TURNS =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

function written(value: string | number | undefined, locale: string): string {
  if (typeof value === 'number') return new Intl.NumberFormat(locale).format(value);
  if (!value || !TURNS.test(value)) return value ?? '';
  return `\u2068${value.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '')}\u2069`;
}
