import type { components } from '../api/generated/analytics.d.ts';
import { type Api, told } from '../core/api.ts';
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
