import type { Draft, Media } from '../composer/draft.ts';
import type { Checks } from '../composer/findings.ts';
import type { Product } from './product.ts';

/** Signs that a platform refuses in any text, and what the API writes in their stead. */
const STAND_INS: Record<string, [RegExp, string][]> = {
  youtube: [
    [/</g, '‹'],
    [/>/g, '›'],
  ],
};

/** The draft as each place gets it: the video where its platform takes one, and words that it does not refuse. */
export function asSent(
  draft: Draft,
  product: Product,
  platformOf: (connectionId: string) => { platform: string; takesVideo: boolean } | undefined,
): Draft {
  const film: Media[] | null = product.video_url ? [{ url: product.video_url, altText: '' }] : null;
  const targets = draft.targets.map((target) => {
    const { platform = '', takesVideo = false } = platformOf(target.connectionId) ?? {};
    const words = (STAND_INS[platform] ?? []).reduce(
      (text, [sign, other]) => text.replace(sign, other),
      draft.content,
    );
    return {
      ...target,
      content: target.content ?? (words === draft.content ? null : words),
      media: target.media ?? (takesVideo ? film : null),
    };
  });
  return { ...draft, targets };
}

/** What a platform leaves out of our description of the product's picture is nothing that somebody could mend. */
function isOurAltText(field: string, draft: Draft, index: number): boolean {
  return draft.targets[index]?.media === null && field.endsWith('.alt_text');
}

/** A text of ours that is too long is no problem of the merchant's: the API makes a shorter one, which `words` says. */
export function withoutLength(checks: Checks, draft: Draft, words: (limit: number) => string): Checks {
  const targets = checks.targets.map((found, index) => {
    const target = {
      ...found,
      warnings: found.warnings.filter((one) => !isOurAltText(one.field, draft, index)),
    };
    const { text } = target;
    const isOurs = draft.targets[index]?.content === null;
    if (!isOurs || !text || text.length <= text.limit) return target;
    const field = `targets.${index}.content`;
    const shortened = { code: 'content_shortened', field, detail: words(text.limit) };
    return {
      ...target,
      text: null,
      problems: target.problems.filter((one) => one.field !== field),
      warnings: [...target.warnings, shortened],
    };
  });
  return { valid: targets.every(({ problems }) => problems.length === 0), targets };
}
