import type { Icon } from '../parts/icons.ts';
import type { Key } from './words.ts';

/** One page of the console. */
export interface Route {
  path: string;
  title: Key;
  icon: Icon;
  /** Brings the element that the page shows. */
  load: () => Promise<unknown>;
  forOperators?: true;
  /** Its title while the address names a post. */
  titleOfPost?: Key;
}

export const ROUTES: readonly [Route, ...Route[]] = [
  { path: '/planner', title: 'planner', icon: 'clock', load: () => import('../planner/element.ts') },
  {
    path: '/compose',
    title: 'compose',
    titleOfPost: 'changePost',
    icon: 'pen',
    load: () => import('../composer/element.ts'),
  },
  { path: '/accounts', title: 'accounts', icon: 'link', load: () => import('../connections/element.ts') },
  { path: '/numbers', title: 'numbers', icon: 'up', load: () => import('../analytics/element.ts') },
  { path: '/share', title: 'share', icon: 'external', load: () => import('./share-page.ts') },
  {
    path: '/operator',
    title: 'operator',
    icon: 'pause',
    load: () => import('./operator.ts'),
    forOperators: true,
  },
];

/** The page of a path; the first where there is none of that name. */
export function routeOf(pathname: string): Route {
  return ROUTES.find(({ path }) => pathname === path || pathname.startsWith(`${path}/`)) ?? ROUTES[0];
}
