import type { components } from '../api/generated/analytics.d.ts';
import { type Api, told } from '../core/api.ts';
import { now } from '../core/clock.ts';
import { ApiProblem } from '../core/problem.ts';
import type { View } from './header.ts';
import type { Bounds } from './period.ts';
import { type PostKey, type Sort, writeSort } from './sorting.ts';

type Schemas = components['schemas'];
export type Overview = Schemas['Overview'];
export type Account = Schemas['Account'];
export type AccountReport = Schemas['AccountReport'];
export type Granularity = Schemas['Granularity'];
export type Post = Schemas['Post'];
export type PostReport = Schemas['PostReport'];

/** Posts that come by one press. */
export const PAGE = 20;
/** The longest period, in milliseconds, that is shown by the hour; the API's is a day longer. */
export const LONGEST_BY_HOUR = 30 * 86_400_000;
const MOST_AT_ONCE = 100;

/** Which list of posts is shown; its cursors are good for no other. */
export interface PostList {
  bounds: Bounds;
  sort: Sort<PostKey>;
  connectionId: string;
}

/** Posts from the begin of a list, or from where a page ended, and where to go on. */
export interface Posts {
  posts: Post[];
  cursor: string | null;
}

/** What is shown, with the data it came with. */
export type Shown =
  | { kind: 'overview'; report: Overview }
  | { kind: 'account'; report: AccountReport }
  | { kind: 'posts'; list: PostList; posts: Posts }
  | { kind: 'post'; report: PostReport }
  | { kind: 'missing' };

/** What a look is to bring. */
export interface Wish {
  view: View;
  connectionId: string;
  postId: string;
  bounds: Bounds;
  granularity: Granularity;
  sort: Sort<PostKey>;
  /** Posts of a list, counted from its begin. */
  wanted: number;
}

/** Brings what is wished; an account or a post that is not there is `missing`. */
export async function bring(api: Api, wish: Wish, signal: AbortSignal): Promise<Shown> {
  const { view, connectionId, postId, bounds, sort, wanted } = wish;
  try {
    if (view === 'account') return { kind: 'account', report: await bringAccount(api, wish, signal) };
    if (view === 'posts' && postId) {
      const path = { post_id: postId };
      const asked = api.analytics.GET('/v1/analytics/posts/{post_id}', { params: { path }, signal });
      return { kind: 'post', report: await told(asked) };
    }
    if (view === 'posts') {
      const list = { bounds, sort, connectionId };
      return { kind: 'posts', list, posts: await bringPosts(api, list, wanted, signal) };
    }
    const asked = api.analytics.GET('/v1/analytics/overview', { params: { query: bounds }, signal });
    return { kind: 'overview', report: await told(asked) };
  } catch (error) {
    const isMissing = error instanceof ApiProblem && [404, 422].includes(error.status);
    if (isMissing && (connectionId || postId)) return { kind: 'missing' };
    throw error;
  }
}

function bringAccount(api: Api, wish: Wish, signal: AbortSignal): Promise<AccountReport> {
  const { bounds, connectionId, granularity } = wish;
  const length = (bounds.to ? Date.parse(bounds.to) : now().getTime()) - Date.parse(bounds.from);
  const isLong = length > LONGEST_BY_HOUR;
  return told(
    api.analytics.GET('/v1/analytics/accounts/{connection_id}', {
      params: {
        path: { connection_id: connectionId },
        query: { ...bounds, granularity: isLong && granularity === 'hour' ? 'day' : granularity },
      },
      signal,
    }),
  );
}

/** As many posts of the list as wanted, in as few calls as the API allows. */
export async function bringPosts(
  api: Api,
  list: PostList,
  wanted: number,
  signal: AbortSignal,
  after: string | null = null,
): Promise<Posts> {
  const posts: Post[] = [];
  let cursor = after;
  do {
    const page = await told(
      api.analytics.GET('/v1/analytics/posts', {
        params: {
          query: {
            ...list.bounds,
            sort: writeSort(list.sort),
            limit: Math.min(wanted - posts.length, MOST_AT_ONCE),
            ...(list.connectionId && { connection_id: list.connectionId }),
            ...(cursor && { cursor }),
          },
        },
        signal,
      }),
    );
    posts.push(...page.posts);
    cursor = page.next_cursor;
  } while (cursor && posts.length < wanted);
  return { posts, cursor };
}
