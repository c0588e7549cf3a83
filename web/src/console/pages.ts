import { html, type TemplateResult } from 'lit';
import type { AccessToken } from '../core/api.ts';
import type { Address } from './address.ts';
import type { Preferences } from './preferences.ts';
import type { Route } from './routes.ts';
import type { Say } from './words.ts';

/** What every page is given. */
export interface Surroundings {
  address: Address;
  accessToken: AccessToken;
  t: Say;
  preferences: Preferences;
}

/** The element of a page, with its view from the address and its wishes sent to the pages that fulfil them. */
export function pageOf(route: Route, around: Surroundings): TemplateResult {
  const { address, accessToken } = around;
  const { language, zone } = around.preferences;
  switch (route.path) {
    case '/compose':
      return html`<seftec-composer
        .accessToken=${accessToken}
        locale=${language}
        time-zone=${zone}
        post-id=${address.get('post')}
        day=${address.get('day')}
        planner-url="/planner"
        accounts-url="/accounts"
      ></seftec-composer>`;
    case '/accounts':
      return html`<seftec-connections .accessToken=${accessToken} locale=${language} time-zone=${zone}></seftec-connections>`;
    case '/numbers':
      return html`<seftec-analytics
        .accessToken=${accessToken}
        locale=${language}
        time-zone=${zone}
        view=${address.get('view') || 'overview'}
        connection-id=${address.get('connection')}
        post-id=${address.get('post')}
        period=${address.get('period') || '28d'}
        @seftec-navigate=${({
          detail,
        }: CustomEvent<Record<'view' | 'connectionId' | 'postId' | 'period', string>>) =>
          address.keep({
            view: detail.view,
            connection: detail.connectionId,
            post: detail.postId,
            period: detail.period,
          })}
      ></seftec-analytics>`;
    case '/share':
      return html`<social-share-page
        .accessToken=${accessToken}
        .t=${around.t}
        locale=${language}
        zone=${zone}
      ></social-share-page>`;
    case '/operator':
      return html`<social-operator .accessToken=${accessToken} locale=${language} time-zone=${zone}></social-operator>`;
    default:
      return html`<seftec-planner
        .accessToken=${accessToken}
        locale=${language}
        time-zone=${zone}
        view=${address.get('view') || 'month'}
        date=${address.get('date')}
        post-id=${address.get('post')}
        @seftec-view-changed=${({ detail }: CustomEvent<Record<'view' | 'date' | 'postId', string>>) =>
          address.keep({ view: detail.view, date: detail.date, post: detail.postId })}
        @seftec-edit-post=${({ detail }: CustomEvent<{ post: { id: string } }>) =>
          address.go('/compose', { post: detail.post.id })}
        @seftec-compose=${({ detail }: CustomEvent<{ day?: string }>) =>
          address.go('/compose', { day: detail.day ?? '' })}
      ></seftec-planner>`;
  }
}
