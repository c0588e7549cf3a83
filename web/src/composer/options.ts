import type { Options } from './draft.ts';

/** The part of JSON Schema that platforms describe their options by. */
interface Schema {
  type?: string;
  enum?: string[];
  default?: unknown;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  required?: string[];
  properties?: Record<string, Schema>;
}

/** One option as a control: what it is called, where its value stands, and what it takes. */
export interface Field {
  kind: 'choice' | 'flag' | 'text' | 'long' | 'number' | 'list' | 'date' | 'time' | 'group';
  name: string;
  path: string;
  isRequired: boolean;
  choices: string[];
  /** What is meant where nothing is said. */
  standard: unknown;
  longest: number | null;
  least: number | null;
  most: number | null;
  fields: Field[];
}

const LONG = 500;
const DATE = 'day,month,year';
const TIME = 'hours,minutes';

/** The controls of a platform's options; what a schema has of other types is left out. */
export function fieldsOf(schema: unknown, within = ''): Field[] {
  const { properties = {}, required = [] } = (schema ?? {}) as Schema;
  return Object.entries(properties).flatMap(([name, rule]) => {
    const kind = kindOf(rule);
    if (!kind) return [];
    const path = within ? `${within}.${name}` : name;
    return {
      kind,
      name,
      path,
      isRequired: required.includes(name),
      choices: rule.enum ?? [],
      standard: rule.default,
      longest: rule.maxLength ?? null,
      least: rule.minimum ?? null,
      most: rule.maximum ?? null,
      fields: kind === 'group' ? fieldsOf(rule, path) : [],
    };
  });
}

function kindOf(rule: Schema): Field['kind'] | null {
  switch (rule.type) {
    case 'string':
      if (rule.enum) return 'choice';
      return (rule.maxLength ?? 0) > LONG && !isAddress(rule) ? 'long' : 'text';
    case 'boolean':
      return 'flag';
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return 'list';
    case 'object': {
      const parts = Object.keys(rule.properties ?? {})
        .sort()
        .join();
      if (parts === DATE) return 'date';
      return parts === TIME ? 'time' : 'group';
    }
    default:
      return null;
  }
}

/** Addresses are long, too, and stand on one line. */
function isAddress(rule: Schema): boolean {
  return rule.maxLength === 2048;
}

/** What an option is set to; undefined where it is not. */
export function valueAt(options: Options, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((found, name) => (isObject(found) ? found[name] : undefined), options);
}

/** The options with that value; nothing, an empty text and an empty list leave none, and no empty object behind. */
export function withValue(options: Options, path: string, value: unknown): Options {
  const [name = '', ...rest] = path.split('.');
  const { [name]: old, ...others } = options;
  const inner = isObject(old) ? old : {};
  const next = rest.length ? withValue(inner, rest.join('.'), value) : value;
  return isNothing(next) ? others : { ...options, [name]: next };
}

function isNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === '' || (isObject(value) && Object.keys(value).length === 0);
}

function isObject(value: unknown): value is Options {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A day as the date input writes it. */
export function dateText(value: unknown): string {
  if (!isObject(value)) return '';
  const { year, month, day } = value;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** A day as options carry it. */
export function dateValue(text: string): Options | undefined {
  const [year, month, day] = text.split('-').map(Number);
  return year && month && day ? { year, month, day } : undefined;
}

/** A time of day as the time input writes it. */
export function timeText(value: unknown): string {
  return isObject(value) ? `${two(value.hours)}:${two(value.minutes)}` : '';
}

/** A time of day as options carry it. */
export function timeValue(text: string): Options | undefined {
  const [hours, minutes] = text.split(':').map(Number);
  return text && hours !== undefined && minutes !== undefined ? { hours, minutes } : undefined;
}

function two(value: unknown): string {
  return String(value).padStart(2, '0');
}

/** The entries of a list as lines of a text. */
export function listText(value: unknown): string {
  return Array.isArray(value) ? value.join('\n') : '';
}

/** The lines of a text, also those between commas, as entries of a list. */
export function listValue(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((entry) => entry.trim())
    .filter(Boolean);
}

/** Which options make sense only with which choice. */
const ONLY_WITH: Record<string, { path: string; values: string[] }> = {
  event: { path: 'topic_type', values: ['EVENT', 'OFFER'] },
  offer: { path: 'topic_type', values: ['OFFER'] },
  tag: { path: 'kind', values: ['release'] },
  prerelease: { path: 'kind', values: ['release'] },
};

/** Whether a control is of use with what is chosen; one that holds a value is always shown. */
export function isShown(field: Field, options: Options, all: readonly Field[]): boolean {
  const rule = ONLY_WITH[field.path];
  const other = rule && all.find(({ path }) => path === rule.path);
  if (!other || valueAt(options, field.path) !== undefined) return true;
  return rule.values.includes(String(valueAt(options, rule.path) ?? other.standard));
}
