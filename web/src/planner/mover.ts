import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { WallTime } from '../core/time.ts';
import type { Post } from './grouping.ts';
import { afterKey } from './moves.ts';

/** A post on its way to another time. */
export interface Moving {
  post: Post;
  byKeys: boolean;
  /** Where it would stand now, by the clock of the planner's zone. */
  wall: WallTime;
  /** Where the pointer is, in the element's own measure; null while keys move it. */
  pointer: { x: number; y: number } | null;
}

/** What moving a post needs of the planner. */
export interface Board {
  /** Where it stands; a first proposal for a post that has no time. Null where the state allows no move. */
  start(post: Post): WallTime | null;
  /** What a drop target, a day or an hour, means for the post. */
  onTarget(post: Post, target: string): WallTime;
  /** Whether up and down move by hours instead of weeks. */
  byHour(): boolean;
  refused(post: Post): void;
  moved(moving: Moving, isNew: boolean): void;
  putBack(post: Post): void;
  drop(post: Post, wall: WallTime): void;
}

type Host = ReactiveControllerHost & HTMLElement;

const FAR_ENOUGH_PX = 6;
const HOLD_MS = 350;
const EDGE_PX = 48;
const SCROLL_PX = 14;

/** Moves posts: dragged by a mouse or a held finger, or by arrow keys once M has picked one up. */
export class Mover implements ReactiveController {
  moving: Moving | null = null;
  /** The day or hour under the pointer. */
  target: string | null = null;
  private begun: { post: Post; x: number; y: number; touch: boolean } | null = null;
  private holding: ReturnType<typeof setTimeout> | undefined;
  private dropped = false;

  private readonly host: Host;
  private readonly board: Board;

  constructor(host: Host, board: Board) {
    this.host = host;
    this.board = board;
    host.addController(this);
  }

  hostConnected(): void {
    // Only a listener that is not passive can keep the page from scrolling under a dragging finger.
    this.host.addEventListener('touchmove', this.onTouchMove, { passive: false });
  }

  hostDisconnected(): void {
    this.host.removeEventListener('touchmove', this.onTouchMove);
    this.end();
  }

  /** Whether the click that follows a drag is to be ignored. */
  get hasJustDropped(): boolean {
    return this.dropped;
  }

  /** A pointer went down on a post. */
  grab(event: PointerEvent, post: Post): void {
    if (event.button !== 0 || !event.isPrimary) return;
    if (this.moving) this.cancel();
    if (this.board.start(post) === null) return;
    const touch = event.pointerType === 'touch';
    this.begun = { post, x: event.clientX, y: event.clientY, touch };
    if (touch) this.holding = setTimeout(() => this.carry(event), HOLD_MS);
    window.addEventListener('pointermove', this.onMove);
    window.addEventListener('pointerup', this.onUp);
    window.addEventListener('pointercancel', this.onCancel);
    window.addEventListener('keydown', this.onKey, true);
  }

  /** A key was pressed on a post; true where it was used. */
  press(event: KeyboardEvent, post: Post): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (this.moving?.byKeys && this.moving.post.id === post.id) return this.steer(event);
    if (event.key.toLowerCase() !== 'm') return false;
    const wall = this.board.start(post);
    if (wall === null) this.board.refused(post);
    else this.set({ post, wall, byKeys: true, pointer: null }, true);
    return true;
  }

  private steer(event: KeyboardEvent): boolean {
    const moving = this.moving!;
    const wall = afterKey(event.key, moving.wall, this.board.byHour());
    if (wall) {
      this.set({ ...moving, wall }, false);
      return true;
    }
    if (event.key === 'Enter') {
      // Nothing is let go of a drop that is refused: the post stays in hand.
      this.board.drop(moving.post, moving.wall);
      return true;
    }
    if (event.key === 'Escape') {
      this.cancel();
      return true;
    }
    if (event.key === 'Tab') this.cancel();
    return event.key !== 'Tab' && event.key !== 'Shift';
  }

  private set(moving: Moving, isNew: boolean): void {
    this.moving = moving;
    this.board.moved(moving, isNew);
    this.host.requestUpdate();
  }

  /** Puts the post back where it was. */
  cancel(): void {
    const post = this.moving?.post;
    this.end();
    if (post) this.board.putBack(post);
  }

  /** Lets go of the post, wherever it is. */
  end(): void {
    clearTimeout(this.holding);
    this.begun = null;
    this.moving = null;
    this.target = null;
    window.removeEventListener('pointermove', this.onMove);
    window.removeEventListener('pointerup', this.onUp);
    window.removeEventListener('pointercancel', this.onCancel);
    window.removeEventListener('keydown', this.onKey, true);
    this.host.requestUpdate();
  }

  private readonly onMove = (event: PointerEvent): void => {
    if (!this.begun) return;
    if (this.moving) {
      event.preventDefault();
      this.carry(event);
      return;
    }
    const far = Math.hypot(event.clientX - this.begun.x, event.clientY - this.begun.y) > FAR_ENOUGH_PX;
    // A finger that moves at once scrolls the page.
    if (far && this.begun.touch) this.end();
    else if (far) this.carry(event);
  };

  private carry(event: PointerEvent): void {
    if (!this.begun) return;
    const { post } = this.begun;
    const isNew = this.moving === null;
    const box = this.host.getBoundingClientRect();
    this.target = this.targetAt(event.clientX, event.clientY);
    const start = this.board.start(post) ?? '';
    const wall = this.target ? this.board.onTarget(post, this.target) : start;
    scrollNear(event, this.host);
    this.set(
      { post, wall, byKeys: false, pointer: { x: event.clientX - box.x, y: event.clientY - box.y } },
      isNew,
    );
  }

  private targetAt(x: number, y: number): string | null {
    const under = this.host.shadowRoot?.elementFromPoint(x, y);
    return under?.closest<HTMLElement>('[data-drop]')?.dataset.drop ?? null;
  }

  private readonly onUp = (): void => {
    const { moving, target } = this;
    if (!moving) {
      this.end();
      return;
    }
    this.dropped = true;
    setTimeout(() => {
      this.dropped = false;
    });
    if (target) {
      this.end();
      this.board.drop(moving.post, moving.wall);
    } else {
      this.cancel();
    }
  };

  private readonly onCancel = (): void => this.cancel();

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !this.moving) return;
    event.preventDefault();
    event.stopPropagation();
    this.cancel();
  };

  private readonly onTouchMove = (event: TouchEvent): void => {
    if (this.moving?.pointer) event.preventDefault();
  };
}

/** Scrolls what is under the pointer when it comes near an edge. */
function scrollNear(event: PointerEvent, host: Host): void {
  const box = host.shadowRoot?.querySelector('.scroll');
  if (box) {
    const { top, bottom } = box.getBoundingClientRect();
    if (event.clientY < top + EDGE_PX * 2 && event.clientY > top) box.scrollTop -= SCROLL_PX;
    else if (event.clientY > bottom - EDGE_PX && event.clientY < bottom) box.scrollTop += SCROLL_PX;
  }
  if (event.clientY < EDGE_PX) window.scrollBy(0, -SCROLL_PX);
  else if (event.clientY > window.innerHeight - EDGE_PX) window.scrollBy(0, SCROLL_PX);
}
