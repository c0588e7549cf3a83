import createClient, { type Client } from 'openapi-fetch';
import type { paths as AnalyticsPaths } from '../api/generated/analytics.d.ts';
import type { paths as LinkerPaths } from '../api/generated/auth-linker.d.ts';
import type { paths as PublisherPaths } from '../api/generated/publisher.d.ts';
import { hear } from './clock.ts';
import { ApiProblem, SignInNeeded, Unreachable } from './problem.ts';

/** Where the three APIs are. */
export interface Addresses {
  linker: string;
  publisher: string;
  analytics: string;
}

/** The page's access token: the token itself, or a function that brings a fresh one. Never kept anywhere. */
export type AccessToken = string | (() => Promise<string>);

/** Typed calls to the three APIs; each throws `ApiProblem`, `SignInNeeded` or `Unreachable` through `told`. */
export interface Api {
  linker: Client<LinkerPaths>;
  publisher: Client<PublisherPaths>;
  analytics: Client<AnalyticsPaths>;
}

const LONGEST_CALL_MS = 20_000;

/**
 * Clients that carry the token of the page and ask for it once more where it was refused; `meet` is told whose token
 * goes with a call before it does.
 */
export function createApi(addresses: Addresses, accessToken: AccessToken, meet: (user: string) => void): Api {
  const fetcher = async (request: Request): Promise<Response> => {
    const ask = async () => {
      const token = await tokenOf(accessToken, request.signal);
      const user = userOf(token);
      if (user && !request.signal.aborted) meet(user);
      return token;
    };
    const again = typeof accessToken === 'string' ? null : request.clone();
    const first = await send(request, await ask());
    return first.status === 401 && again ? send(again, await ask()) : first;
  };
  return {
    linker: createClient<LinkerPaths>({ baseUrl: addresses.linker, fetch: fetcher }),
    publisher: createClient<PublisherPaths>({ baseUrl: addresses.publisher, fetch: fetcher }),
    analytics: createClient<AnalyticsPaths>({ baseUrl: addresses.analytics, fetch: fetcher }),
  };
}

async function tokenOf(accessToken: AccessToken, signal: AbortSignal): Promise<string> {
  if (typeof accessToken === 'string') return accessToken;
  const limit = AbortSignal.timeout(LONGEST_CALL_MS);
  try {
    return await Promise.race([accessToken(), ended(signal), ended(limit)]);
  } catch (error) {
    if (signal.aborted || error instanceof Unreachable) throw error;
    if (limit.aborted) throw new Unreachable({ cause: error });
    throw new SignInNeeded({ cause: error });
  }
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Whom a token names (the claim `sub` of a JWT), unproven; nobody where it is no JWT. */
export function userOf(token: string): string | null {
  try {
    const claims = token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? '';
    const { sub } = JSON.parse(atob(claims)) as { sub?: unknown };
    return typeof sub === 'string' ? sub : null;
  } catch {
    return null;
  }
}

async function send(request: Request, token: string): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.set('Authorization', `Bearer ${token}`);
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(LONGEST_CALL_MS)]);
  try {
    const answer = await fetch(new Request(request, { headers, signal, credentials: 'omit' }));
    hear(answer.headers);
    return answer;
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new Unreachable({ cause: error });
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer; throws what the API told instead. */
export async function told<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer;
  if (response.ok) return data as T;
  if (response.status === 401) throw new SignInNeeded();
  throw ApiProblem.from(response, error);
}

/** A key for one wish of a person: repeating the call with it makes nothing twice. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID();
}
