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

/** Clients that carry the token of the page and ask for it once more where it was refused. */
export function createApi(addresses: Addresses, accessToken: AccessToken): Api {
  const fetcher = async (request: Request): Promise<Response> => {
    const again = typeof accessToken === 'string' ? null : request.clone();
    const first = await send(request, await tokenOf(accessToken));
    return first.status === 401 && again ? send(again, await tokenOf(accessToken)) : first;
  };
  return {
    linker: createClient<LinkerPaths>({ baseUrl: addresses.linker, fetch: fetcher }),
    publisher: createClient<PublisherPaths>({ baseUrl: addresses.publisher, fetch: fetcher }),
    analytics: createClient<AnalyticsPaths>({ baseUrl: addresses.analytics, fetch: fetcher }),
  };
}

async function tokenOf(accessToken: AccessToken): Promise<string> {
  if (typeof accessToken === 'string') return accessToken;
  try {
    return await accessToken();
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    throw new SignInNeeded({ cause: error });
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
