/** How a consent ended, as auth-linker's redirect tells the page it returns to. */
export type Outcome =
  | { status: 'authorized'; linkCode: string }
  | { status: 'denied' }
  | { status: 'failed'; error: string };

/** What Facebook and Instagram put behind their returns; a browser carries it through every redirect. */
const LEFTOVERS = ['#_', '#_=_'];

/** The outcome in a page's address, and the address without it; null where there is none. */
export function takeOutcome(href: string): { outcome: Outcome; rest: string } | null {
  const url = new URL(href);
  const query = url.searchParams;
  const outcome = read(query);
  if (!outcome) return null;
  for (const name of ['status', 'link_code', 'error']) query.delete(name);
  if (LEFTOVERS.includes(url.hash)) url.hash = '';
  return { outcome, rest: url.href };
}

function read(query: URLSearchParams): Outcome | null {
  const linkCode = query.get('link_code');
  switch (query.get('status')) {
    case 'authorized':
      return linkCode ? { status: 'authorized', linkCode } : null;
    case 'denied':
      return { status: 'denied' };
    case 'failed':
      return { status: 'failed', error: query.get('error') ?? 'other' };
    default:
      return null;
  }
}

/** A platform's consent page, if it is one that a browser may be sent to. */
export function consentPage(address: string): string {
  const { protocol, href } = new URL(address);
  if (protocol !== 'https:' && protocol !== 'http:') throw new Error('not a page');
  return href;
}
