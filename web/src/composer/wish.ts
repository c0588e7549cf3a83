import { ApiProblem } from '../core/problem.ts';

/** The key of a create call: one for one wish, the same when the same is sent again without an answer to it. */
export class Wish {
  private readonly newKey: () => string;
  private said = '';
  private key = '';

  constructor(newKey: () => string) {
    this.newKey = newKey;
  }

  keyFor(body: unknown): string {
    const said = JSON.stringify(body);
    if (!this.key || said !== this.said) [this.said, this.key] = [said, this.newKey()];
    return this.key;
  }

  /** It was granted, or refused for good: sent once more it is a new wish. */
  ended(): void {
    this.key = '';
  }

  /** It failed; without a clear no it may have been granted, and stays the same wish. */
  failed(error: unknown): void {
    const isClear =
      error instanceof ApiProblem && error.status < 500 && ![408, 409, 425, 429].includes(error.status);
    if (isClear) this.ended();
  }
}
