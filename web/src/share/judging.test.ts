import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY, withTarget, withVariant } from '../composer/draft.ts';
import type { Checks } from '../composer/findings.ts';
import { asSent, withoutLength } from './judging.ts';
import type { Product } from './product.ts';

const product = { video_url: 'https://shop.example/k.mp4' } as Product;
const image = { url: 'https://shop.example/k.jpg', altText: 'Kettle' };
const draft = withTarget(
  withTarget({ ...EMPTY, content: 'A <b> kettle', media: [image] }, 'tube', true),
  'g',
  true,
);
const platformOf = (id: string) => ({
  platform: id === 'tube' ? 'youtube' : 'google',
  takesVideo: id === 'tube',
});

test('a place gets the video where it takes one, and no signs that it refuses', () => {
  const [tube, google] = asSent(draft, product, platformOf).targets;
  assert.equal(tube?.content, 'A ‹b› kettle');
  assert.deepEqual(tube?.media, [{ url: product.video_url, altText: '' }]);
  assert.deepEqual([google?.content, google?.media], [null, null]);
});

test('what was written for a place stays as it is', () => {
  const own = withVariant(draft, 'tube', { content: 'Mine >', media: [] });
  assert.deepEqual(asSent(own, product, platformOf).targets[0], own.targets[0]);
});

function checked(...lengths: [number, number]): Checks {
  const targets = lengths.map((length, index) => ({
    connection_id: ['tube', 'g'][index]!,
    platform: 'x',
    kind: 'text',
    text: { length, limit: 280 },
    problems:
      length > 280 ? [{ code: 'content_rejected', field: `targets.${index}.content`, detail: 'Long.' }] : [],
    warnings: [],
    quota: [],
  }));
  return { valid: false, targets };
}

test('what a platform leaves out of our description is not told, of the merchant’s it is', () => {
  const left = { code: 'media_rejected', field: 'targets.1.media.0.alt_text', detail: 'No description.' };
  const [first, second] = checked(20, 20).targets;
  const checks = { valid: true, targets: [first!, { ...second!, warnings: [left] }] };
  assert.equal(withoutLength(checks, draft, String).targets[1]?.warnings.length, 0);
  const own = withVariant(draft, 'g', { media: [image] });
  assert.equal(withoutLength(checks, own, String).targets[1]?.warnings.length, 1);
});

test('a text of ours that is too long is only told, one of the merchant’s stays a problem', () => {
  const told = withoutLength(checked(300, 20), draft, (limit) => `At most ${limit}`);
  assert.equal(told.valid, true);
  assert.deepEqual(
    told.targets[0]?.warnings.map(({ detail }) => detail),
    ['At most 280'],
  );
  const own = withVariant(draft, 'tube', { content: 'x'.repeat(300) });
  assert.equal(withoutLength(checked(300, 20), own, String).valid, false);
});
