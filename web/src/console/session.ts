import { ApiProblem, SignInNeeded, Unreachable } from '../core/problem.ts';

/** Who is signed in. */
export interface User {
  id: string;
  email: string;
  is_operator: boolean;
}

interface Answer {
  access_token: string;
  /** Seconds from now. */
  expires_in: number;
  user: User;
}

const CHANNEL = 'social-console-session';
/** An access token is renewed when it has less than this left. */
const RESERVE_MS = 60_000;

/**
 * The session as this tab knows it. The refresh token stays in a cookie that scripts cannot read, the access token in
 * this object alone: a reload asks the console's server for a new one.
 */
export class Session {
  user: User | null = null;
  private access: { token: string; until: number } | null = null;
  private asking: Promise<string> | null = null;
  private readonly channel = new BroadcastChannel(CHANNEL);

  constructor(private readonly changed: () => void) {
    this.channel.addEventListener('message', () => this.forget());
  }

  /** A token that lasts for the next call; throws `SignInNeeded` where nobody is signed in any more. */
  readonly token = async (): Promise<string> => {
    if (this.access && this.access.until - Date.now() > RESERVE_MS) return this.access.token;
    this.asking ??= this.renew().finally(() => {
      this.asking = null;
    });
    return this.asking;
  };

  /** The token was refused although its time is not over: the next call brings another. */
  doubt(): void {
    this.access = null;
  }

  /** Signs in, or makes the account first; false where its address has to be confirmed. Throws what the server tells. */
  async enter(email: string, password: string, signUp: boolean): Promise<boolean> {
    const answer = await ask('POST', '/session', { email, password, sign_up: signUp });
    if (!answer || !('access_token' in answer)) return false;
    this.take(answer);
    return true;
  }

  /** Ends the session here, in every other tab, and at the identity provider. */
  async leave(): Promise<void> {
    await ask('DELETE', '/session');
    this.channel.postMessage(null);
    this.forget();
  }

  private async renew(): Promise<string> {
    try {
      const answer = await ask('POST', '/session/refresh', {});
      if (answer) {
        this.take(answer);
        return answer.access_token;
      }
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      if (error.status !== 401) throw new Unreachable({ cause: error });
    }
    this.forget();
    throw new SignInNeeded();
  }

  private take(answer: Answer): void {
    this.access = { token: answer.access_token, until: Date.now() + answer.expires_in * 1000 };
    this.user = answer.user;
    this.changed();
  }

  private forget(): void {
    this.access = null;
    this.user = null;
    this.changed();
  }
}

/** The JSON of an answer, null where it has none. */
async function ask(method: string, path: string, body?: object): Promise<Answer | null> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } } : {}),
    });
  } catch (error) {
    throw new Unreachable({ cause: error });
  }
  const text = await response.text();
  const answer: unknown =
    text && response.headers.get('Content-Type')?.includes('json') ? JSON.parse(text) : null;
  if (!response.ok) throw ApiProblem.from(response, answer);
  return answer as Answer | null;
}
