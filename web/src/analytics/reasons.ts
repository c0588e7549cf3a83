import { platformName } from '../parts/platform.ts';
import type { Account, Overview } from './data.ts';
import { COUNTS, type Key, type Speaker } from './speaker.ts';

const KNOWN = [
  'user',
  'revoked',
  'reconnect_required',
  'erased',
  'not_granted',
  'not_usable',
  'not_known',
] as const;

/** Why an account's numbers are not read any more, in words; null while they are. */
export function notCollected(account: Account, { t }: Speaker): string | null {
  const reason = account.not_collected_because;
  if (account.is_collected && !reason) return null;
  const known = KNOWN.find((one) => one === reason);
  return known ? t(`because_${known}`) : t('because_other', { reason: reason ?? '…' });
}

/** What stands in place of a total that is null, and why, where that is known. */
export function whyNoTotal(
  metric: Key,
  overview: Pick<Overview, 'totals' | 'accounts'>,
  isSilent: (platform: string) => boolean,
  { t }: Speaker,
): { absent: Key; why?: string } {
  const { totals, accounts } = overview;
  if (metric === 'followers') {
    const isNew = accounts.every((account) => account.collected_at === null);
    return isNew ? { absent: 'notCollectedYet', why: t('whyNotYet') } : { absent: 'notReported' };
  }
  if (metric === 'engagement_rate' && totals.reach === null && totals.impressions === null)
    return { absent: 'cannotBeSaid', why: t('whyNoAudience') };
  // A number that some platforms report is missing because these posts' platforms do not; silence explains all at once.
  if (COUNTS.some((one) => totals[one] !== null)) return { absent: 'notReported' };
  const silent = [...new Set(accounts.map(({ platform }) => platform))].filter(isSilent);
  if (!silent.length) return { absent: 'notReported' };
  return { absent: 'notReported', why: t('whySilent', { platforms: silent.map(platformName).join(', ') }) };
}
