/** The time that counts where the servers' clock is not this machine's: a local stack's, which can be moved. */
const MOVED = 'X-Product-Time';
/** Answers take a while and tell full seconds: up to here the two clocks are the same. */
const TOLERANCE_MS = 5_000;

let ahead = 0;

/** The present moment as the servers count it, as far as their newest answer told. */
export function now(): Date {
  return new Date(Date.now() + ahead);
}

/** Takes over what time an answer tells; one that tells none changes nothing. */
export function hear(headers: Headers): void {
  const told = Date.parse(headers.get(MOVED) ?? headers.get('Date') ?? '');
  if (Number.isNaN(told)) return;
  const gap = told - Date.now();
  ahead = Math.abs(gap) > TOLERANCE_MS ? gap : 0;
}
