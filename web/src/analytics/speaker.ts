import { now } from '../core/clock.ts';
import type { Values } from '../core/messages.ts';
import { zoneLabel } from '../core/time.ts';
import { writeCount, writeRate } from './figures.ts';
import type en from './messages/en.json';

export type Key = keyof typeof en;

/** The words, numbers and times of one look, in the element's language and zone. */
export class Speaker {
  constructor(
    /** A sentence of this feature. */
    readonly t: (key: Key, values?: Values) => string,
    readonly locale: string,
    readonly zone: string,
  ) {}

  /** A value of a metric in full: a count, or a rate as percent. */
  write(metric: string, value: number, space: 'small' | 'wide' = 'wide'): string {
    return metric === 'engagement_rate'
      ? writeRate(value, this.locale)
      : writeCount(value, this.locale, space);
  }

  /** A moment with its zone. */
  when(moment: string | number): string {
    return this.written(moment, {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: 'numeric',
      minute: '2-digit',
      timeZoneName: 'short',
    });
  }

  /** A moment where the zone stands beside it already. */
  moment(moment: string | number): string {
    return this.written(moment, { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' });
  }

  /** The days of a period whose end is not part of it. */
  days(from: string, to: string): string {
    const format = this.format({ day: 'numeric', month: 'short', year: 'numeric' });
    return format.formatRange(new Date(from), new Date(Date.parse(to) - 1));
  }

  /** The zone and its offset now. */
  get zoneName(): string {
    return zoneLabel(this.zone, now(), this.locale);
  }

  private written(moment: string | number, options: Intl.DateTimeFormatOptions): string {
    return this.format(options).format(new Date(moment));
  }

  private format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return new Intl.DateTimeFormat(this.locale, { timeZone: this.zone, ...options });
  }
}
