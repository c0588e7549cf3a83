import type { components } from '../api/generated/publisher.d.ts';

export type Product = components['schemas']['Product'];

/** What a page may hand over: a product, once it is looked at. */
type Read = { product: Product; wrong: [] } | { product: null; wrong: string[] };

const TEXTS = ['id', 'title', 'currency', 'url', 'image_url'] as const;
const ADDRESSES = ['url', 'image_url', 'video_url'] as const;

/** The product that a page handed over, with nothing in it that the API would not know; or what is wrong with it. */
export function readProduct(given: unknown): Read {
  if (!given || typeof given !== 'object') return { product: null, wrong: [] };
  const found = given as Record<string, unknown>;
  const wrong = new Set<string>();
  for (const name of TEXTS) if (typeof found[name] !== 'string' || !found[name].trim()) wrong.add(name);
  for (const name of ADDRESSES) if (has(found[name]) && !isAddress(found[name])) wrong.add(name);
  if (typeof found.currency === 'string' && !/^[A-Za-z]{3}$/.test(found.currency)) wrong.add('currency');
  if (!isPrice(found.price)) wrong.add('price');
  if (has(found.description) && typeof found.description !== 'string') wrong.add('description');
  if (wrong.size) return { product: null, wrong: [...wrong] };
  const { id, title, price, currency, url, image_url } = found as unknown as Product;
  const description = typeof found.description === 'string' ? found.description : '';
  const video = has(found.video_url) ? { video_url: String(found.video_url) } : {};
  return {
    product: { id, title, description, price, currency: currency.toUpperCase(), url, image_url, ...video },
    wrong: [],
  };
}

function has(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function isAddress(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\/\S+$/.test(value) && URL.canParse(value);
}

function isPrice(value: unknown): boolean {
  if (typeof value === 'string') return /^\d+(\.\d+)?$/.test(value);
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
