import { html, nothing, type TemplateResult } from 'lit';
import { avatar } from '../parts/avatar.ts';
import { type Icon, icon } from '../parts/icons.ts';
import { platformName } from '../parts/platform.ts';
import { type Connection, type Health, healthOf, nameOf } from './data.ts';
import { type Key, keyOr, type Say } from './words.ts';

/** What a person may do with a place. */
export interface PlaceActions {
  reconnect: () => void;
  check: () => void;
  more: () => void;
  unlink: () => void;
}

const badges: Record<Health, { tone: string; icon: Icon; key: Key }> = {
  ok: { tone: 'good', icon: 'check', key: 'health.ok' },
  limited: { tone: 'warn', icon: 'warning', key: 'limited' },
  expiring: { tone: 'warn', icon: 'clock', key: 'health.expiring' },
  reconnect_required: { tone: 'bad', icon: 'cross', key: 'health.reconnect_required' },
  unlinked: { tone: '', icon: 'pause', key: 'health.unlinked' },
};

/** One place to publish: who it is, how it does in words, what it cannot do, and what helps. */
export function place(
  connection: Connection,
  t: Say,
  date: (iso: string) => string,
  busy: boolean,
  actions: PlaceActions,
): TemplateResult {
  const health = healthOf(connection);
  const badge = badges[health];
  const name = nameOf(connection);
  return html`<li class="card place" id=${`place-${connection.id}`}>
    ${avatar(name, connection.platform)}
    <div class="about">
      <div class="row">
        <h3 dir="auto">${name}</h3>
        <span class="badge ${badge.tone}">${icon(badge.icon)}${t(badge.key)}</span>
      </div>
      <p class="muted small">${details(connection, t, date)}</p>
      ${troubles(connection, t, date)}
    </div>
    <div class="row actions">
      ${
        health === 'ok'
          ? nothing
          : action('reconnect', name, actions.reconnect, t, busy, health !== 'unlinked')
      }
      ${
        connection.is_connected
          ? html`${action('check', name, actions.check, t, busy)}
            ${action('more', name, actions.more, t, busy)}`
          : nothing
      }
      ${health === 'unlinked' ? nothing : action('unlink', name, actions.unlink, t, busy)}
    </div>
  </li>`;
}

function action(
  key: Key,
  name: string,
  act: () => void,
  t: Say,
  busy: boolean,
  primary = false,
): TemplateResult {
  return html`<button
    type="button"
    class=${primary ? 'primary' : 'quiet'}
    aria-disabled=${busy}
    @click=${() => busy || act()}
  >
    <span>${t(key)} <span class="visually-hidden">${name}</span></span>
  </button>`;
}

function details(connection: Connection, t: Say, date: (iso: string) => string): string {
  const kind = t(keyOr(`kind.${connection.kind}`, 'kind.account'));
  const username = connection.platform_username;
  const parts = [`${platformName(connection.platform)} · ${kind}`];
  if (username && username !== nameOf(connection)) parts.push(username);
  if (connection.last_refreshed_at) parts.push(t('checked', { date: date(connection.last_refreshed_at) }));
  return parts.join(' · ');
}

function troubles(connection: Connection, t: Say, date: (iso: string) => string) {
  const { problem, limitations, expires_at: until, health } = connection;
  if (!problem && !limitations.length && health !== 'expiring') return nothing;
  return html`<ul class="limits small">
    ${problem ? html`<li>${problem.detail} ${problem.action}</li>` : nothing}
    ${health === 'expiring' && until ? html`<li>${t('until', { date: date(until) })}</li>` : nothing}
    ${limitations.map(
      ({ capability, detail, scopes }) => html`<li>
        <b>${t(keyOr(`capability.${capability}`, 'capability.publish'))}:</b> ${detail}
        ${scopes.length ? html`<span class="muted">${t('missing', { scopes: scopes.join(', ') })}</span>` : nothing}
      </li>`,
    )}
  </ul>`;
}
