import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readProduct } from './product.ts';

const kettle = {
  id: 'kettle-2',
  title: 'Copper kettle',
  description: 'Boils fast.',
  price: 19.9,
  currency: 'eur',
  url: 'https://shop.example/kettle',
  image_url: 'https://shop.example/kettle.jpg',
};

test('a product is taken as the API knows it, without what else the page keeps in it', () => {
  assert.deepEqual(readProduct({ ...kettle, stock: 7, video_url: null }), {
    product: { ...kettle, currency: 'EUR' },
    wrong: [],
  });
  assert.equal(readProduct({ ...kettle, price: '19.90' }).product?.price, '19.90');
});

test('none at all is no product, and nothing is wrong with it', () => {
  for (const given of [undefined, null, 'kettle', 7])
    assert.deepEqual(readProduct(given), { product: null, wrong: [] });
});

test('what is missing or malformed is named', () => {
  const wrong = (changes: object) => readProduct({ ...kettle, ...changes }).wrong;
  assert.deepEqual(wrong({ title: ' ' }), ['title']);
  assert.deepEqual(wrong({ price: '19,90 €' }), ['price']);
  assert.deepEqual(wrong({ price: Number.NaN }), ['price']);
  assert.deepEqual(wrong({ currency: 'euro' }), ['currency']);
  assert.deepEqual(wrong({ url: 'javascript:alert(1)', image_url: undefined }), ['image_url', 'url']);
  assert.deepEqual(wrong({ video_url: 'kettle.mp4' }), ['video_url']);
});
