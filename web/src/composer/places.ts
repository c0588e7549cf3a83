import type { components } from '../api/generated/auth-linker.d.ts';
import { type Field, fieldsOf } from './options.ts';

export type Connection = components['schemas']['ConnectionOut'];
export type Platform = components['schemas']['PlatformOut'];

/** Why nothing can be published at a place: in the API's words, or one of ours. */
type Obstacle = { said: string; next: string } | 'down' | 'silent' | 'off';

/** A connection as somebody who writes sees it. */
export interface Place {
  id: string;
  platform: string;
  name: string;
  handle: string;
  obstacle: Obstacle | null;
  isEnding: boolean;
  takesVideo: boolean;
  options: Field[];
}

/** The merchant's places, the ones that can be published to first. */
export function placesOf(connections: readonly Connection[], platforms: readonly Platform[]): Place[] {
  const known = new Map(platforms.map((platform) => [platform.platform, platform]));
  const places = connections.map((connection) => placeOf(connection, known.get(connection.platform)));
  return places.sort((one, other) => Number(Boolean(one.obstacle)) - Number(Boolean(other.obstacle)));
}

function placeOf(connection: Connection, platform: Platform | undefined): Place {
  const { id, display_name, platform_username, platform_id, health } = connection;
  return {
    id,
    platform: connection.platform,
    name: display_name || platform_username || platform_id,
    handle: platform_username ?? '',
    obstacle: obstacleOf(connection, platform),
    isEnding: health === 'expiring',
    takesVideo: Boolean(platform?.media.some(({ kind }) => kind === 'video')),
    options: fieldsOf(platform?.options),
  };
}

function obstacleOf(connection: Connection, platform: Platform | undefined): Obstacle | null {
  if (platform && !platform.configured) return 'off';
  if (!connection.is_connected || connection.health === 'reconnect_required')
    return connection.problem ? { said: connection.problem.detail, next: connection.problem.action } : 'down';
  if (connection.capabilities.includes('publish')) return null;
  const lacking = connection.limitations.find(({ capability }) => capability === 'publish');
  return lacking ? { said: lacking.detail, next: '' } : 'silent';
}
