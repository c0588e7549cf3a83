/** Every element in one module: `<script type="module" src="…/elements/seftec-social.js">` and the tags work. */

export { SeftecAnalytics } from './analytics/element.ts';
export { SeftecComposer } from './composer/element.ts';
export { SeftecConnections } from './connections/element.ts';
export { SeftecPlanner } from './planner/element.ts';
export { SeftecShare } from './share/element.ts';
