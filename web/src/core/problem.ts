/** What one field of a request has wrong. */
export interface FieldProblem {
  field: string;
  detail: string;
}

interface ProblemDocument {
  code?: string;
  title?: string;
  detail?: string;
  action?: string | null;
  errors?: FieldProblem[] | null;
}

/** An answer that refused, as a problem document (RFC 9457) tells it. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  /** The next step, in plain words, where there is one. */
  readonly action: string | null;
  readonly fields: FieldProblem[];
  /** Seconds to wait, where the answer names them. */
  readonly retryAfter: number | null;

  constructor(status: number, document: ProblemDocument, retryAfter: number | null) {
    super(document.detail || document.title || `HTTP ${status}`);
    this.status = status;
    this.code = document.code ?? 'internal';
    this.action = document.action ?? null;
    this.fields = document.errors ?? [];
    this.retryAfter = retryAfter;
  }

  /** Reads an answer; one without a problem document (a proxy's own page) is told by its status. */
  static from(response: Response, body: unknown): ApiProblem {
    const document = body && typeof body === 'object' ? (body as ProblemDocument) : {};
    const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
    return new ApiProblem(response.status, document, Number.isFinite(seconds) ? seconds : null);
  }
}

/** The access token is missing, ran out or was refused. */
export class SignInNeeded extends Error {
  constructor(options?: ErrorOptions) {
    super('sign-in needed', options);
  }
}

/** No answer came: the network is away, or the server took too long. */
export class Unreachable extends Error {
  constructor(options?: ErrorOptions) {
    super('unreachable', options);
  }
}

/** Whether the same call may work later as it is. */
export function mayPass(error: unknown): boolean {
  if (error instanceof ApiProblem) return error.status >= 500 || error.status === 429;
  return error instanceof Unreachable || error instanceof SignInNeeded;
}
