import type { components } from '../api/generated/publisher.d.ts';
import { type Api, told } from '../core/api.ts';
import { ApiProblem, SignInNeeded } from '../core/problem.ts';
import type { Filter, Post } from './grouping.ts';

/** The posts of one reading; `more` where there are others that were not read. */
export interface Reading {
  posts: Post[];
  more: boolean;
}

/** A place that posts go to. */
export interface Place {
  id: string;
  platform: string;
  name: string;
}

const PAGE = 100;
const MOST_PAGES = 5;

type Status = components['schemas']['Status'];
type Platform = components['schemas']['Platform'];

/** What the filter asks of the API; a word that it does not know is refused there. */
function asked({ platform, place, state }: Filter) {
  return {
    ...(platform ? { platform: platform as Platform } : {}),
    ...(place ? { connection_id: place } : {}),
    ...(state ? { status: [state as Status] } : {}),
  };
}

/** The posts of a period that fit a filter: all pages, up to a bound. */
export function readPeriod(
  api: Api,
  { from, to }: { from: Date; to: Date },
  filter: Filter,
  signal: AbortSignal,
): Promise<Reading> {
  return readAll(api, { from: from.toISOString(), to: to.toISOString(), ...asked(filter) }, signal);
}

/** The drafts that have no time yet. */
export async function readDrafts(api: Api, filter: Filter, signal: AbortSignal): Promise<Reading> {
  if (filter.state && filter.state !== 'draft') return { posts: [], more: false };
  const { posts, more } = await readAll(api, { ...asked({ ...filter, state: 'draft' }) }, signal);
  return { posts: posts.filter((post) => post.scheduled_at === null), more };
}

async function readAll(
  api: Api,
  query: { from?: string; to?: string } & ReturnType<typeof asked>,
  signal: AbortSignal,
): Promise<Reading> {
  const posts = new Map<string, Post>();
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const params = { query: { ...query, limit: PAGE, ...(cursor ? { cursor } : {}) } };
    const answer: components['schemas']['PostPage'] = await told(
      api.publisher.GET('/v1/posts', { params, signal }),
    );
    for (const post of answer.posts) posts.set(post.id, post);
    cursor = answer.next_cursor;
    if (!cursor) break;
  }
  return { posts: [...posts.values()], more: cursor !== null };
}

/** One post; null where there is none. */
export async function readPost(api: Api, id: string, signal: AbortSignal): Promise<Post | null> {
  try {
    return await told(
      api.publisher.GET('/v1/posts/{post_id}', { params: { path: { post_id: id } }, signal }),
    );
  } catch (error) {
    // An id that is no id at all (a mistyped link) is refused by its form.
    if (error instanceof ApiProblem && (error.status === 404 || error.status === 422)) return null;
    throw error;
  }
}

/** The merchant's places by id; null where their names cannot be had, which keeps nobody from planning. */
export async function readPlaces(api: Api, signal: AbortSignal): Promise<Map<string, Place> | null> {
  try {
    const { connections } = await told(
      api.linker.GET('/v1/connections', { params: { query: { limit: 100 } }, signal }),
    );
    return new Map(
      connections.map(({ id, platform, display_name, platform_username, platform_id }) => [
        id,
        { id, platform, name: display_name ?? platform_username ?? platform_id },
      ]),
    );
  } catch (error) {
    if (signal.aborted || error instanceof SignInNeeded) throw error;
    return null;
  }
}
