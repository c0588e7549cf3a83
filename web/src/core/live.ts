import type { ReactiveController, ReactiveControllerHost } from 'lit';

const CHANNEL = 'seftec-social';
const SLOWEST_MS = 60_000;
const MOST_PATIENT_MS = 900_000;

/** Has every element of this page look again at once. */
export function lookAgain(): void {
  window.dispatchEvent(new Event(CHANNEL));
}

/** How long to wait before looking again; null looks only when something happens. */
type Pace = () => number | null;

/**
 * Keeps a view fresh: looks again at its pace while the page is seen, at once when it is seen again, when the network
 * is back, and when an element of this or another tab says that it changed something. Failures slow it down.
 */
export class Live implements ReactiveController {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private channel: BroadcastChannel | undefined;
  private failures = 0;
  private looking = false;
  private again = false;
  private isThere = false;

  /** `patience`: how many milliseconds the server asked to be left alone after the newest look. */
  constructor(
    host: ReactiveControllerHost,
    private readonly look: () => Promise<boolean>,
    private readonly pace: Pace,
    private readonly patience: () => number,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.isThere = true;
    this.channel = new BroadcastChannel(CHANNEL);
    this.channel.addEventListener('message', this.now);
    window.addEventListener(CHANNEL, this.now);
    window.addEventListener('online', this.now);
    document.addEventListener('visibilitychange', this.onVisibility);
  }

  hostDisconnected(): void {
    this.isThere = false;
    this.channel?.close();
    window.removeEventListener(CHANNEL, this.now);
    window.removeEventListener('online', this.now);
    document.removeEventListener('visibilitychange', this.onVisibility);
    clearTimeout(this.timer);
  }

  /** Looks at once; while a look is under way, once more after it. */
  readonly now = (): void => {
    this.failures = 0;
    if (this.looking) this.again = true;
    else void this.run();
  };

  /** Tells every element of this page and of other tabs that something changed; also once its host is gone. */
  changed(): void {
    lookAgain();
    const channel = this.isThere && this.channel ? this.channel : new BroadcastChannel(CHANNEL);
    channel.postMessage(null);
    if (channel !== this.channel) channel.close();
  }

  private readonly onVisibility = (): void => {
    if (document.visibilityState === 'visible') this.now();
    else clearTimeout(this.timer);
  };

  private async run(): Promise<void> {
    clearTimeout(this.timer);
    this.looking = true;
    const worked = await this.look();
    this.looking = false;
    this.failures = worked ? 0 : this.failures + 1;
    if (!this.isThere) {
      this.again = false;
      return;
    }
    if (this.again) {
      this.again = false;
      void this.run();
      return;
    }
    const pace = this.pace();
    if (pace === null || document.visibilityState === 'hidden') return;
    const wait = Math.min(pace * 2 ** this.failures, SLOWEST_MS);
    this.timer = setTimeout(
      () => void this.run(),
      Math.max(wait, Math.min(this.patience(), MOST_PATIENT_MS)),
    );
  }
}
