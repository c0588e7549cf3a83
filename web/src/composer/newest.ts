const CALM_MS = 300;

/**
 * Asks about what changes quickly: after a pause, one call at a time, and only the answer to the newest question is
 * told. An answer to an older one is dropped.
 */
export class Newest<Question, Answer> {
  private readonly ask: (question: Question) => Promise<Answer>;
  private readonly told: (answer: Answer, question: Question) => void;
  private readonly failed: (error: unknown) => void;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waiting: { question: Question } | undefined;
  private asking = false;

  constructor(
    ask: (question: Question) => Promise<Answer>,
    told: (answer: Answer, question: Question) => void,
    failed: (error: unknown) => void,
  ) {
    this.ask = ask;
    this.told = told;
    this.failed = failed;
  }

  /** Asks this instead of whatever waited. */
  want(question: Question): void {
    this.waiting = { question };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.run(), CALM_MS);
  }

  /** Asks nothing more; an answer under way is dropped. */
  forget(): void {
    clearTimeout(this.timer);
    this.waiting = undefined;
    this.turn += 1;
  }

  private turn = 0;

  private async run(): Promise<void> {
    if (this.asking || !this.waiting) return;
    const { question } = this.waiting;
    const turn = this.turn;
    this.waiting = undefined;
    this.asking = true;
    const isWanted = () => !this.waiting && this.turn === turn;
    try {
      const answer = await this.ask(question);
      if (isWanted()) this.told(answer, question);
    } catch (error) {
      if (isWanted()) this.failed(error);
    } finally {
      this.asking = false;
    }
    if (this.waiting) this.want((this.waiting as { question: Question }).question);
  }
}
