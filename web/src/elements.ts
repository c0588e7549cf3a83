/** Every element in one module: `<script type="module" src="…/elements/seftec-social.js">` and the tags work. */
export { SeftecConnections } from './connections/element.ts';
