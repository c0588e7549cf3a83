import { platformName } from '../parts/platform.ts';
import type { Account, Overview, Shown } from './data.ts';
import { COUNTS } from './figures.ts';
import type { Key, Speaker } from './speaker.ts';

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
  if (isCollected(account)) return null;
  const reason = account.not_collected_because;
  // No consent lets this product read a member's numbers: LinkedIn has none for it.
  if (reason === 'not_granted' && account.platform === 'linkedin' && account.kind === 'member')
    return t('because_member');
  const known = KNOWN.find((one) => one === reason);
  return known ? t(`because_${known}`) : t('because_other', { reason: reason ?? '…' });
}

/** Whether an account's first numbers are still on their way. */
export function isAwaited(shown: Shown | undefined): boolean {
  const accounts =
    shown?.kind === 'account'
      ? [shown.report.account]
      : shown?.kind === 'overview'
        ? shown.report.accounts
        : [];
  return accounts.some((one) => one.collected_at === null && isCollected(one));
}

function isCollected(account: Account): boolean {
  return account.is_collected && !account.not_collected_because;
}

/** What stands in place of a total that is null, and why, where that is known. */
export function whyNoTotal(
  metric: Key,
  overview: Pick<Overview, 'totals' | 'accounts'>,
  isSilent: (platform: string) => boolean,
  { t }: Speaker,
): { absent: Key; why?: string } {
  const { totals, accounts } = overview;
  const isMissing = COUNTS.every((one) => totals[one] === null);
  const isNew = accounts.every((account) => account.collected_at === null);
  if (isNew && (metric === 'followers' || isMissing)) return { absent: 'notCollectedYet' };
  if (metric === 'followers') return { absent: 'notReported' };
  if (metric === 'engagement_rate' && totals.reach === null && totals.impressions === null)
    return { absent: 'cannotBeSaid', why: t('whyNoAudience') };
  // Where other numbers came, this one is missing because these posts' platforms do not report it.
  const silent = isMissing ? [...new Set(accounts.map(({ platform }) => platform))].filter(isSilent) : [];
  if (!silent.length) return { absent: 'notReported' };
  return { absent: 'notReported', why: t('whySilent', { platforms: silent.map(platformName).join(', ') }) };
}
