import { LANGUAGES, type Language, languageOf } from '../core/messages.ts';
import { isZone, localZone } from '../core/time.ts';

const NAME = 'social-console';

/** How a person wants the console; kept by the browser, and no secret. */
export interface Preferences {
  language: Language;
  zone: string;
}

/** What was chosen here before, else what the browser says. */
export function readPreferences(): Preferences {
  const kept = parse(localStorage.getItem(NAME));
  const language = LANGUAGES.find((one) => one === kept.language) ?? languageOf(navigator.language);
  const zone = typeof kept.zone === 'string' && isZone(kept.zone) ? kept.zone : localZone();
  return { language, zone };
}

/** Keeps them for the next visit. */
export function keepPreferences(preferences: Preferences): void {
  localStorage.setItem(NAME, JSON.stringify(preferences));
}

/** Every zone to choose from, with that one among them. */
export function zones(current: string): string[] {
  return [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', current])].sort();
}

function parse(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return value && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
