import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Account, Overview } from './data.ts';
import { isAwaited, notCollected, whyNoTotal } from './reasons.ts';
import type { Speaker } from './speaker.ts';

const speaker = {
  t: (key: string, values?: Record<string, unknown>) => [key, ...Object.values(values ?? {})].join(' '),
} as unknown as Speaker;
const account = (told: Partial<Account>) =>
  ({
    platform: 'github',
    is_collected: true,
    not_collected_because: null,
    collected_at: null,
    ...told,
  }) as Account;
const report = (totals: object, ...accounts: Account[]) => {
  const names = ['reach', 'impressions', 'likes', 'comments', 'shares', 'saves', 'clicks', 'views'];
  const nothing = Object.fromEntries(names.map((name) => [name, null]));
  return { totals: { ...nothing, ...totals }, accounts } as unknown as Overview;
};
const seen = account({ collected_at: '2026-11-23T18:00:00Z' });
const isSilent = (platform: string) => platform === 'github';

test('an account that is collected has no reason, every other says why', () => {
  assert.equal(notCollected(seen, speaker), null);
  assert.equal(
    notCollected(account({ is_collected: false, not_collected_because: 'revoked' }), speaker),
    'because_revoked',
  );
  assert.equal(
    notCollected(account({ is_collected: false, not_collected_because: 'new_word' }), speaker),
    'because_other new_word',
  );
});

test('of a LinkedIn profile nobody is told to allow what cannot be allowed', () => {
  const told = { platform: 'linkedin', is_collected: false, not_collected_because: 'not_granted' } as const;
  assert.equal(notCollected(account({ ...told, kind: 'member' }), speaker), 'because_member');
  assert.equal(notCollected(account({ ...told, kind: 'organization' }), speaker), 'because_not_granted');
});

test('what was never collected is not called unreported', () => {
  const fresh = report({}, account({}));
  assert.deepEqual(whyNoTotal('followers', fresh, isSilent, speaker), { absent: 'notCollectedYet' });
  assert.deepEqual(whyNoTotal('likes', fresh, isSilent, speaker), { absent: 'notCollectedYet' });
});

test('a platform that reports nothing of single posts is named, but only where nothing came at all', () => {
  assert.deepEqual(whyNoTotal('likes', report({}, seen), isSilent, speaker), {
    absent: 'notReported',
    why: 'whySilent GitHub',
  });
  assert.deepEqual(whyNoTotal('saves', report({ likes: 3 }, seen), isSilent, speaker), {
    absent: 'notReported',
  });
});

test('a rate without an audience cannot be said', () => {
  assert.deepEqual(whyNoTotal('engagement_rate', report({ likes: 3 }, seen), isSilent, speaker), {
    absent: 'cannotBeSaid',
    why: 'whyNoAudience',
  });
});

test('numbers are awaited until the first came, of an account that is collected', () => {
  const never = account({ is_collected: false, not_collected_because: 'revoked' });
  const overview = (...accounts: Account[]) => ({
    kind: 'overview' as const,
    report: report({}, ...accounts),
  });
  assert.equal(isAwaited(overview(seen, account({}))), true);
  assert.equal(isAwaited(overview(seen, never)), false);
  assert.equal(isAwaited(undefined), false);
});
