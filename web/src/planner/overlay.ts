import type { Post } from './grouping.ts';

interface Layer {
  /** The post as it is to be shown; null where it is gone. */
  post: Post | null;
  /** The look that was under way or done when the answer came; null while no answer has come. */
  answeredIn: number | null;
}

/**
 * What this page knows better than the newest look: changes that are on their way, and answers that a look which began
 * before them cannot hold yet.
 */
export class Overlay {
  private readonly layers = new Map<string, Layer>();
  private begun = 0;

  /** A look begins; give its number to `looked` when its data are there. */
  looking(): number {
    this.begun += 1;
    return this.begun;
  }

  /** The data of a look are there: answers from before it began need no layer any more. */
  looked(number: number): void {
    for (const [id, { answeredIn }] of this.layers) {
      if (answeredIn !== null && answeredIn < number) this.layers.delete(id);
    }
  }

  /** Shows what was asked for, until it is answered or taken back. */
  expect(id: string, post: Post | null): void {
    this.layers.set(id, { post, answeredIn: null });
  }

  /** Shows what the API answered. */
  answer(id: string, post: Post | null): void {
    this.layers.set(id, { post, answeredIn: this.begun });
  }

  /** Shows what was there before. */
  takeBack(id: string): void {
    this.layers.delete(id);
  }

  /** Whether a change of the post waits for its answer. */
  isWaiting(id: string): boolean {
    return this.layers.get(id)?.answeredIn === null;
  }

  /** What is to be shown of one post; undefined where nothing better is known. */
  of(id: string): Post | null | undefined {
    return this.layers.get(id)?.post;
  }

  /** The posts of a look as they are to be shown, and those that came to them meanwhile. */
  over(posts: readonly Post[]): Post[] {
    const shown = new Map(posts.map((post) => [post.id, post]));
    for (const [id, { post }] of this.layers) {
      if (post) shown.set(id, post);
      else shown.delete(id);
    }
    return [...shown.values()];
  }
}
