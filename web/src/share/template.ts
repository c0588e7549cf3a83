import type { Product } from './product.ts';

/** What a template may name; the API knows the same. */
export const PLACEHOLDERS = ['title', 'description', 'price', 'url'] as const;
export const LONGEST_TEMPLATE = 5_000;

const DEFAULT = '{title}\n\n{description}\n\n{price}\n{url}';
const PIECE = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/** The first thing in a template that cannot be filled in: what stands between the braces, or a lone brace. */
export function wrongIn(template: string): string | null {
  for (const [piece, name] of template.matchAll(PIECE)) {
    if (piece === '{{' || piece === '}}') continue;
    if (!(PLACEHOLDERS as readonly (string | undefined)[]).includes(name)) return piece;
  }
  return null;
}

/** The text that the API makes of a product before a platform's limit shortens it. */
export function rendered(template: string, product: Product, price: string): string {
  const parts: Record<string, string> = {
    title: product.title.trim(),
    description: (product.description ?? '').trim(),
    price,
    url: product.url,
  };
  return (template || DEFAULT)
    .replaceAll(PIECE, (piece, name?: string) =>
      piece === '{{' ? '{' : piece === '}}' ? '}' : (parts[name ?? ''] ?? piece),
    )
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

const SYMBOLS: Record<string, string> = {
  EUR: '€',
  USD: '$',
  GBP: '£',
  JPY: '¥',
  INR: '₹',
  KRW: '₩',
  UAH: '₴',
  ILS: '₪',
  VND: '₫',
};

/** A price as it stands in the posts: with as many decimals as the currency has, whatever the page's language. */
export function priceText(price: number | string, currency: string): string {
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  const number = new Intl.NumberFormat('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(Number(price));
  const symbol = SYMBOLS[currency];
  return symbol ? `${symbol}${number}` : `${currency} ${number}`;
}
