import type { components } from '../api/generated/auth-linker.d.ts';
import { type Api, told } from '../core/api.ts';

type Schemas = components['schemas'];
export type Connection = Schemas['ConnectionOut'];
export type Platform = Schemas['PlatformOut'];
export type PlatformId = Schemas['Platform'];
export type PlaceKind = NonNullable<Schemas['AuthorizeIn']['kinds']>[number];
/** A place to choose: one that a consent reached, or another one of a linked account. */
export type Place = Schemas['PlaceOut'] & { connection_id?: string | null };

const PAGE = 100;

/** Every connection of the merchant, all pages. */
export async function listConnections(api: Api, signal: AbortSignal): Promise<Connection[]> {
  const connections: Connection[] = [];
  let cursor: string | null | undefined;
  do {
    const query = cursor ? { limit: PAGE, cursor } : { limit: PAGE };
    const page = await told(api.linker.GET('/v1/connections', { params: { query }, signal }));
    connections.push(...page.connections);
    cursor = page.next_cursor;
  } while (cursor);
  return connections;
}

/** What each platform can do here. */
export async function listPlatforms(api: Api, signal: AbortSignal): Promise<Platform[]> {
  return (await told(api.linker.GET('/v1/platforms', { signal }))).platforms;
}

/** The platform of places to choose among, which do not name it: the one that alone has places of their kind. */
export function platformOf(places: readonly Place[], platforms: readonly Platform[]): string {
  const kind = places[0]?.kind ?? '';
  const fitting = platforms.filter(({ kinds }) => kinds.includes(kind));
  return fitting.length === 1 ? fitting[0]!.platform : '';
}

/** The name people know a place by. */
export function nameOf(connection: Connection): string {
  return connection.display_name || connection.platform_username || connection.platform_id;
}

/** How a connection does, in the one word that is shown first. */
export type Health = 'ok' | 'limited' | 'expiring' | 'reconnect_required' | 'unlinked';

/** Whether posts can go out there now. */
export function isUsable(connection: Connection): boolean {
  return connection.is_connected && connection.health !== 'reconnect_required';
}

/** The worst of what is known of a connection. */
export function healthOf(connection: Connection): Health {
  if (!connection.is_connected)
    return connection.health === 'reconnect_required' ? 'reconnect_required' : 'unlinked';
  if (connection.health === 'reconnect_required' || connection.health === 'expiring')
    return connection.health;
  return connection.problem || connection.limitations.length ? 'limited' : 'ok';
}
