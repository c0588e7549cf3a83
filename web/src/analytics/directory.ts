import { type Api, told } from '../core/api.ts';
import { platformName } from '../parts/platform.ts';
import type { Post } from './data.ts';
import { firstWords } from './words.ts';

const DAY = 86_400_000;
const FRESH_MS = 5 * 60_000;
/** Single posts asked for per look where the list did not have them. */
const MOST_SINGLE = 5;

/**
 * What the other services know of accounts and posts: names, which platforms report numbers, and texts. The numbers are
 * shown without it where it does not come.
 */
export class Directory {
  private names = new Map<string, string>();
  private silent = new Set<string>();
  private texts = new Map<string, string>();
  private askedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly changed: () => void) {}

  /** Empties it: it is another merchant's from now on. */
  clear(): void {
    this.names.clear();
    this.texts.clear();
    this.askedAt = Number.NEGATIVE_INFINITY;
  }

  /** The name that an account is known by. */
  nameOf(account: { connection_id: string; platform: string; platform_username?: string | null }): string {
    const { connection_id, platform, platform_username } = account;
    return this.names.get(connection_id) || platform_username || platformName(platform);
  }

  /** Whether the platform is known to report no numbers of single posts. */
  isSilent(platform: string): boolean {
    return this.silent.has(platform);
  }

  /** The first words of a post; empty where it has none, undefined while they are not known. */
  textOf(postId: string): string | undefined {
    return this.texts.get(postId);
  }

  /** Looks up accounts and platforms, now and then. */
  async bringAccounts(api: Api, signal: AbortSignal): Promise<void> {
    if (performance.now() - this.askedAt < FRESH_MS) return;
    this.askedAt = performance.now();
    const [connections, platforms] = await Promise.allSettled([
      told(api.linker.GET('/v1/connections', { signal })),
      told(api.linker.GET('/v1/platforms', { signal })),
    ]);
    if (connections.status === 'fulfilled')
      for (const one of connections.value.connections)
        this.names.set(one.id, one.display_name || one.platform_username || '');
    if (platforms.status === 'fulfilled')
      this.silent = new Set(
        platforms.value.platforms.filter((one) => !one.reports_numbers).map((one) => one.platform),
      );
    if (connections.status === 'rejected' || platforms.status === 'rejected')
      this.askedAt = Number.NEGATIVE_INFINITY;
    this.changed();
  }

  /** Looks up the texts of posts that are not known yet: by one list of their days, and a few one by one. */
  async bringTexts(api: Api, posts: Post[], signal: AbortSignal): Promise<void> {
    const unknown = () => posts.filter((post) => !this.texts.has(post.post_id));
    if (!unknown().length) return;
    try {
      if (unknown().length > 1) await this.bringListed(api, unknown(), signal);
      await Promise.all(
        unknown()
          .slice(0, MOST_SINGLE)
          .map((post) => this.bringOne(api, post.post_id, signal)),
      );
    } catch {
      // Without its text a post is named by its platform.
    }
    this.changed();
  }

  private async bringListed(api: Api, posts: Post[], signal: AbortSignal): Promise<void> {
    const times = posts.map((post) => Date.parse(post.posted_at));
    const query = {
      status: ['published' as const],
      from: new Date(Math.min(...times) - 2 * DAY).toISOString(),
      to: new Date(Math.max(...times) + 2 * DAY).toISOString(),
      limit: 100,
    };
    const page = await told(api.publisher.GET('/v1/posts', { params: { query }, signal }));
    for (const post of page.posts) this.texts.set(post.id, firstWords(post.content));
  }

  private async bringOne(api: Api, id: string, signal: AbortSignal): Promise<void> {
    const { data, response } = await api.publisher.GET('/v1/posts/{post_id}', {
      params: { path: { post_id: id } },
      signal,
    });
    if (data) this.texts.set(id, firstWords(data.content));
    else if (response.status === 404) this.texts.set(id, '');
  }
}
