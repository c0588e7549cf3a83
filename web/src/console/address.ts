/** The page's address as the state of its views: what is in it can be linked to, and the browser's buttons go through it. */
export class Address {
  /** How often the browser's own buttons were used: what is shown then begins anew from the address. */
  steps = 0;

  constructor(private readonly moved: () => void) {
    window.addEventListener('popstate', () => {
      this.steps += 1;
      this.moved();
    });
  }

  /** A value of the query; empty where it is missing. */
  get(name: string): string {
    return new URLSearchParams(location.search).get(name) ?? '';
  }

  /** Opens another page. */
  go(path: string, query: Record<string, string> = {}): void {
    history.pushState(null, '', withQuery(path, query));
    this.moved();
  }

  /** Keeps the state of this page's view; empty values are left out. The view knows it already. */
  keep(query: Record<string, string>): void {
    const next = withQuery(location.pathname, query);
    if (next === location.pathname + location.search) return;
    history.pushState(null, '', next);
  }
}

function withQuery(path: string, query: Record<string, string>): string {
  const set = Object.entries(query).filter(([, value]) => value !== '');
  return set.length ? `${path}?${new URLSearchParams(set)}` : path;
}
