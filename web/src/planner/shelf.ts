import type { Api } from '../core/api.ts';
import type { Filter, Post } from './grouping.ts';
import { Overlay } from './overlay.ts';
import { type Place, type Reading, readDrafts, readPeriod, readPlaces, readPost } from './reading.ts';

/** What a look asks for. */
export interface Wanted {
  period: { from: Date; to: Date };
  filter: Filter;
  /** The open post; an empty word where none is. */
  postId: string;
}

const PLACES_MS = 60_000;
const KEPT_PERIODS = 12;

/** All that was read: some periods, the drafts without a time, the places, and what is known better than those. */
export class Shelf {
  readonly overlay = new Overlay();
  places: ReadonlyMap<string, Place> = new Map();
  drafts: Reading = { posts: [], more: false };
  private readonly periods = new Map<string, Reading>();
  private placesReadAt = 0;
  /** The open post where it is not among the others; null where there is none of that id. */
  private apart: { id: string; post: Post | null } | null = null;

  /** Reads what is wanted. */
  async read(api: Api, wanted: Wanted, signal: AbortSignal): Promise<void> {
    const number = this.overlay.looking();
    const { postId: id, period, filter } = wanted;
    const [reading, drafts] = await Promise.all([
      readPeriod(api, period, filter, signal),
      readDrafts(api, filter, signal),
      this.readPlaces(api, signal),
    ]);
    const isThere = [...reading.posts, ...drafts.posts].some((post) => post.id === id);
    this.apart = id && !isThere ? { id, post: await readPost(api, id, signal) } : null;
    this.overlay.looked(number);
    this.drafts = drafts;
    const key = keyOf(wanted);
    // The oldest comes first: what was read last is set anew.
    this.periods.delete(key);
    this.periods.set(key, reading);
    const [oldest] = this.periods.keys();
    if (oldest && this.periods.size > KEPT_PERIODS) this.periods.delete(oldest);
  }

  private async readPlaces(api: Api, signal: AbortSignal): Promise<void> {
    if (Date.now() - this.placesReadAt < PLACES_MS) return;
    const places = await readPlaces(api, signal);
    if (!places) return;
    this.places = places;
    this.placesReadAt = Date.now();
  }

  /** Empties it: it is another merchant's from now on. */
  clear(): void {
    this.periods.clear();
    this.drafts = { posts: [], more: false };
    this.places = new Map();
    this.placesReadAt = 0;
    this.apart = null;
  }

  /** What was read of a period; undefined before. */
  of(wanted: Wanted): Reading | undefined {
    return this.periods.get(keyOf(wanted));
  }

  /** Every post that a view of the period may show, as it is to be shown. */
  posts(wanted: Wanted): Post[] {
    const posts = [...(this.of(wanted)?.posts ?? []), ...this.drafts.posts];
    return this.overlay.over(this.apart?.post ? [...posts, this.apart.post] : posts);
  }

  /** The open post; undefined while it is being read, null where there is none. */
  opened(wanted: Wanted): Post | null | undefined {
    const { postId: id } = wanted;
    const known = this.posts(wanted).find((post) => post.id === id);
    if (known) return known;
    return this.overlay.of(id) === null || this.apart?.id === id ? null : undefined;
  }
}

function keyOf({ period, filter }: Wanted): string {
  return [period.from.toISOString(), period.to.toISOString(), ...Object.values(filter)].join(' ');
}
