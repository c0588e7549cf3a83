import { type Api, newIdempotencyKey, told } from '../core/api.ts';
import type { Connection, Place, PlaceKind, PlatformId } from './data.ts';

interface Beginning {
  /** The page that the platform's consent leads back to. */
  returnTo: string;
  kind: string | undefined;
  /** The connection that is to work again, where it is one. */
  connectionId: string | undefined;
}

const PAGE = 100;
const pathOf = ({ id }: Connection) => ({ path: { connection_id: id } });

/** Begins a link; the address of the platform's consent page. */
export async function beginLink(api: Api, platform: string, beginning: Beginning): Promise<string> {
  const { returnTo, kind, connectionId } = beginning;
  const params = {
    path: { platform: platform as PlatformId },
    header: { 'Idempotency-Key': newIdempotencyKey() },
  };
  const body = {
    return_to: returnTo,
    ...(kind ? { kinds: [kind as PlaceKind] } : {}),
    ...(connectionId ? { connection_id: connectionId } : {}),
  };
  const begun = api.linker.POST('/v1/connections/{platform}/authorize', { params, body });
  return (await told(begun)).authorization_url;
}

/** Ends a link: what is linked now, or the places to choose among. */
export function completeLink(api: Api, linkCode: string, key: string, platformIds?: string[]) {
  const params = { header: { 'Idempotency-Key': key } };
  const body = { link_code: linkCode, ...(platformIds ? { platform_ids: platformIds } : {}) };
  return told(api.linker.POST('/v1/connections/complete', { params, body }));
}

/** Has the platform asked how a connection does. */
export async function checkNow(api: Api, connection: Connection): Promise<void> {
  await told(api.linker.POST('/v1/connections/{connection_id}/refresh', { params: pathOf(connection) }));
}

/** The other places of the account that a connection is of. */
export async function otherPlaces(api: Api, connection: Connection): Promise<Place[]> {
  const params = pathOf(connection);
  return (await told(api.linker.GET('/v1/connections/{connection_id}/siblings', { params }))).siblings;
}

/** Links other places of that account; what is linked by it. */
export async function addPlaces(
  api: Api,
  connection: Connection,
  key: string,
  platformIds: string[],
): Promise<Connection[]> {
  const params = { ...pathOf(connection), header: { 'Idempotency-Key': key } };
  const body = { platform_ids: platformIds };
  const added = api.linker.POST('/v1/connections/{connection_id}/siblings', { params, body });
  return (await told(added)).connections;
}

/** How many posts wait for a connection; null where they are too many to count. */
export async function waitingPosts(api: Api, { id }: Connection): Promise<number | null> {
  const query = { connection_id: id, status: ['scheduled' as const, 'held' as const], limit: PAGE };
  const { posts, next_cursor: more } = await told(api.publisher.GET('/v1/posts', { params: { query } }));
  return more ? null : posts.length;
}

/** Ends a connection. */
export async function unlink(api: Api, connection: Connection): Promise<void> {
  await told(api.linker.DELETE('/v1/connections/{connection_id}', { params: pathOf(connection) }));
}
