import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, type Platform, placesOf } from './places.ts';

function aConnection(changes: Partial<Connection> = {}): Connection {
  return {
    id: 'c',
    platform: 'x',
    platform_id: '17',
    platform_username: 'kettles',
    display_name: 'Kettles',
    avatar_url: null,
    is_connected: true,
    health: 'ok',
    capabilities: ['publish'],
    limitations: [],
    problem: null,
    ...changes,
  } as unknown as Connection;
}
const x = { platform: 'x', configured: true, media: [], options: {} } as unknown as Platform;

test('places that can be published to come first, each group in its order', () => {
  const down = aConnection({ id: 'down', health: 'reconnect_required' });
  const places = placesOf(
    [down, aConnection({ id: 'a' }), aConnection({ id: 'b', health: 'expiring' })],
    [x],
  );
  assert.deepEqual(
    places.map(({ id }) => id),
    ['a', 'b', 'down'],
  );
  assert.equal(places[1]?.isEnding, true);
});

test('a place that cannot be published to says why, in the API’s words where it has some', () => {
  const problem = { code: 'auth_revoked', detail: 'Access was taken away.', action: 'Connect again.' };
  const limitation = { capability: 'publish', scopes: [], detail: 'You may only read this Page.' };
  const obstacle = (changes: Partial<Connection>, platform = x) =>
    placesOf([aConnection(changes)], [platform])[0]?.obstacle;
  assert.equal(obstacle({}), null);
  assert.deepEqual(obstacle({ health: 'reconnect_required', problem }), {
    said: problem.detail,
    next: problem.action,
  });
  assert.equal(obstacle({ is_connected: false }), 'down');
  assert.equal(obstacle({ capabilities: [] }), 'silent');
  assert.deepEqual(obstacle({ capabilities: [], limitations: [limitation] }), {
    said: limitation.detail,
    next: '',
  });
  assert.equal(obstacle({}, { ...x, configured: false }), 'off');
});

test('a place without a name is called by what it has', () => {
  const name = (changes: Partial<Connection>) => placesOf([aConnection(changes)], [x])[0]?.name;
  assert.equal(name({ display_name: null }), 'kettles');
  assert.equal(name({ display_name: null, platform_username: null }), '17');
});
