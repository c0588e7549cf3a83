import type { components } from '../api/generated/publisher.d.ts';

export type Quota = components['schemas']['QuotaOut'];

const LOW_SHARE = 0.1;
const LOW_COUNT = 3;

/** The limit that is nearest to its end, where one is near it. */
export function lowQuota(quotas: readonly Quota[]): Quota | null {
  const low = quotas.filter(({ left, limit }) =>
    limit === null ? left <= LOW_COUNT : left < limit && left <= Math.max(LOW_COUNT, limit * LOW_SHARE),
  );
  const share = ({ left, limit }: Quota) => left / (limit || 1);
  return low.sort((one, other) => share(one) - share(other))[0] ?? null;
}

/** How long a window lasts, in the largest unit that fits: [15, 'minute']. */
export function windowOf(seconds: number): [number, 'minute' | 'hour' | 'day'] {
  if (seconds >= 86_400) return [Math.round(seconds / 86_400), 'day'];
  return seconds >= 3_600 ? [Math.round(seconds / 3_600), 'hour'] : [Math.ceil(seconds / 60), 'minute'];
}
