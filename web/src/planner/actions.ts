import type { Icon } from '../parts/icons.ts';

/** Where a post stands, as the publisher tells it. */
export const STATES = [
  'draft',
  'scheduled',
  'held',
  'publishing',
  'published',
  'failed',
  'unknown',
  'missed',
  'canceled',
] as const;
export type State = (typeof STATES)[number];

/** What a merchant can do to a post; `cancel`, `remove` and `hide` are the three things that DELETE means. */
export type Action =
  | 'edit'
  | 'move'
  | 'unschedule'
  | 'publish'
  | 'retry'
  | 'resolve'
  | 'cancel'
  | 'remove'
  | 'hide';

const allowed: Record<State, readonly Action[]> = {
  draft: ['edit', 'move', 'publish', 'remove'],
  scheduled: ['edit', 'move', 'publish', 'unschedule', 'cancel'],
  held: ['edit', 'move', 'unschedule', 'cancel'],
  publishing: [],
  published: ['hide'],
  failed: ['retry', 'edit', 'move', 'remove'],
  unknown: ['resolve', 'retry'],
  missed: ['retry', 'remove'],
  canceled: ['remove'],
};

/** How a state looks: its drawing and the tone of its colour. The words beside them are in the message files. */
export const looks: Record<State, { icon: Icon; tone: '' | 'good' | 'warn' | 'bad' | 'busy' }> = {
  draft: { icon: 'pen', tone: '' },
  scheduled: { icon: 'clock', tone: 'busy' },
  held: { icon: 'pause', tone: 'warn' },
  publishing: { icon: 'up', tone: 'busy' },
  published: { icon: 'check', tone: 'good' },
  failed: { icon: 'cross', tone: 'bad' },
  unknown: { icon: 'question', tone: 'warn' },
  missed: { icon: 'warning', tone: 'bad' },
  canceled: { icon: 'stop', tone: '' },
};

/** The state of a post, or null for one that this page does not know yet. */
export function stateOf(status: string): State | null {
  return STATES.find((state) => state === status) ?? null;
}

/** What the state table lets a merchant do, the likeliest first; nothing for a state that is new here. */
export function actionsOf(status: string): readonly Action[] {
  const state = stateOf(status);
  return state ? allowed[state] : [];
}

/** Whether the state table lets a merchant do that. */
export function may(action: Action, status: string): boolean {
  return actionsOf(status).includes(action);
}
