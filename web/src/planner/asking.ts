import { html, nothing, type TemplateResult } from 'lit';
import { platformName } from '../parts/platform.ts';
import { type Action, actionsOf } from './actions.ts';
import type { Post } from './grouping.ts';
import type { Say } from './words.ts';

/** What the dialog of a post shows: the post itself, or one question about it. */
export type Asking =
  | 'nothing'
  | 'publish'
  | 'cancel'
  | 'remove'
  | 'hide'
  | 'duplicate'
  | 'found'
  | 'notFound'
  | 'move';

const ASKED: readonly Action[] = ['publish', 'cancel', 'remove', 'hide', 'move'];

/** What a button of the post asks first; null where it is done at once. */
export function questionOf(action: Action): Asking | null {
  return ASKED.includes(action) ? (action as Asking) : null;
}

/** The buttons that the state of the post allows. */
export function actionButtons(
  post: Post,
  t: Say,
  { busy, chosen, ask }: { busy: boolean; chosen: (action: Action) => void; ask: (what: Asking) => void },
): TemplateResult[] {
  const button = (label: string, click: () => void, kind: string) =>
    html`<button type="button" class=${kind} aria-disabled=${busy ? 'true' : nothing}
      @click=${() => !busy && click()}>${label}</button>`;
  return actionsOf(post.status).flatMap((action) => {
    switch (action) {
      case 'resolve':
        return [
          button(t('act_found'), () => ask('found'), ''),
          button(t('act_notFound'), () => ask('notFound'), ''),
        ];
      case 'move':
        return [button(t(post.status === 'draft' ? 'act_schedule' : 'act_move'), () => chosen(action), '')];
      case 'cancel':
      case 'remove':
      case 'hide':
        return [button(t(`act_${action}`), () => chosen(action), 'danger')];
      default:
        return [
          button(
            t(`act_${action}`),
            () => chosen(action),
            action === 'retry' && post.status !== 'unknown' ? 'primary' : '',
          ),
        ];
    }
  });
}

/** What the answer will do, in words. */
export function questionText(
  asking: Exclude<Asking, 'nothing' | 'move'>,
  post: Post,
  place: string,
  t: Say,
): string {
  return t(`ask_${asking}`, { place, platform: platformName(post.platform) });
}

/** What the button that says yes is called. */
export function yesOf(asking: Exclude<Asking, 'nothing' | 'move'>, t: Say): string {
  return asking === 'duplicate' ? t('sendAnyway') : t(`act_${asking}`);
}
