import assert from 'node:assert/strict';
import { test } from 'node:test';
import { priceText, rendered, wrongIn } from './template.ts';

const kettle = {
  id: 'k',
  title: ' Kettle ',
  description: '',
  price: 19.9,
  currency: 'EUR',
  url: 'https://shop.example/k',
  image_url: 'https://shop.example/k.jpg',
};

test('without a template the API’s own is filled in, without gaps where a part is empty', () => {
  assert.equal(rendered('', kettle, '€19.90'), 'Kettle\n\n€19.90\nhttps://shop.example/k');
});

test('a template is filled in once: braces in the product’s words stay words', () => {
  const odd = { ...kettle, title: '{url}' };
  assert.equal(rendered('{{new}} {title} for {price}', odd, '€19.90'), '{new} {url} for €19.90');
});

test('a template that names something unknown or leaves a brace open is told by that piece', () => {
  assert.equal(wrongIn('{title} {{x}} {price}'), null);
  assert.equal(wrongIn('{title} {brand}'), '{brand}');
  assert.equal(wrongIn('{title'), '{');
  assert.equal(wrongIn('title}'), '}');
  assert.equal(wrongIn('{}'), '{}');
});

test('a price has its currency’s decimals', () => {
  assert.equal(priceText('1234.5', 'EUR'), '€1,234.50');
  assert.equal(priceText(1200, 'JPY'), '¥1,200');
  assert.equal(priceText(9.9, 'CHF'), 'CHF 9.90');
  assert.equal(priceText('1.5', 'KWD'), 'KWD 1.500');
});
