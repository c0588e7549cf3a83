// From a Kafka record to an event this program understands. It reads tolerantly: it checks what it uses, and lets
// everything else pass, so that new fields and new values of known fields never stop it.
import { type CloudEvent, Kafka } from 'cloudevents';

/** A record as Kafka gave it, and as it can be kept where it is not understood. */
export interface RawRecord {
  key: Buffer | null;
  headers: ReadonlyArray<readonly [Buffer, Buffer | null]>;
  value: Buffer | null;
}

interface Identity {
  /** The same on every redelivery and replay; unique together with `source`. */
  id: string;
  source: string;
}
interface OfPost extends Identity {
  postId: string;
  connectionId: string;
  merchant: string;
  platform: string;
  /** Counts up within the aggregate; only a higher one than the last is news. */
  revision: number;
}
export interface PostPublished extends OfPost {
  kind: 'published';
  productId: string | null;
  permalink: string | null;
}
export interface PostFailed extends OfPost {
  kind: 'failed';
  /** `failed`, `missed`, `unknown`, or a word that is new since. */
  status: string;
  productId: string | null;
}
export interface PostMeasured extends OfPost {
  kind: 'measured';
  metrics: Record<string, number | null>;
}
export interface ConnectionErased extends Identity {
  kind: 'erased';
  connectionId: string;
}
/** Understood, and of no interest here. */
export interface Passed extends Identity {
  kind: 'passed';
}
export type Event = PostPublished | PostFailed | PostMeasured | ConnectionErased | Passed;

/** Why a record cannot be read; says nothing of its content. */
export class Unreadable extends Error {}

type Data = Record<string, unknown>;
const PREFIX = 'store.seftec.social.';
const readers: Record<string, (data: Data, identity: Identity) => Event> = {
  'post.published.v1': (data, identity) => ({
    kind: 'published',
    ...ofPost(data, identity),
    productId: textOrNull(data, 'product_id'),
    permalink: textOrNull(data, 'permalink'),
  }),
  'post.failed.v1': (data, identity) => ({
    kind: 'failed',
    ...ofPost(data, identity),
    status: text(data, 'status'),
    productId: textOrNull(data, 'product_id'),
  }),
  'post.measured.v1': (data, identity) => ({
    kind: 'measured',
    ...ofPost(data, identity),
    metrics: metrics(data),
  }),
  // A merchant who disconnects keeps the history; one who leaves is forgotten, here too.
  'connection.unlinked.v1': (data, identity) =>
    data.reason === 'erased'
      ? { kind: 'erased', ...identity, connectionId: text(data, 'connection_id') }
      : { kind: 'passed', ...identity },
};

/** The topics that carry these events; each has the name of its events' type. */
export const TOPICS = ['post.published', 'post.failed', 'post.measured', 'connection.unlinked'];

/** The event in a record, or `Unreadable`: malformed, or of a type or version that this program does not know yet. */
export function readEvent(record: RawRecord): Event {
  const event = toCloudEvent(record);
  const read = event.type.startsWith(PREFIX) ? readers[event.type.slice(PREFIX.length)] : undefined;
  if (read === undefined) throw new Unreadable(`unknown type ${event.type.slice(0, 100)}`);
  if (typeof event.data !== 'object' || event.data === null || Array.isArray(event.data)) {
    throw new Unreadable('the data is no JSON object');
  }
  return read(event.data, { id: event.id, source: event.source });
}

function toCloudEvent(record: RawRecord): CloudEvent<Data> {
  const headers: Record<string, string> = {};
  for (const [name, value] of record.headers) {
    if (value !== null) headers[name.toString()] = value.toString();
  }
  // The SDK would make up an id where there is none, and take some of the rest for granted.
  for (const name of ['ce_id', 'ce_source', 'ce_type', 'ce_specversion', 'ce_time']) {
    if (!headers[name]) throw new Unreadable(`the header ${name} is missing`);
  }
  if (!record.value?.length) throw new Unreadable('there is no value');
  try {
    const message = { key: record.key?.toString() ?? '', value: record.value, headers, body: record.value };
    return Kafka.toEvent<Data>(message) as CloudEvent<Data>;
  } catch (error) {
    throw new Unreadable(`no CloudEvent: ${error instanceof Error ? error.name : 'unknown'}`);
  }
}

function ofPost(data: Data, identity: Identity): OfPost {
  const { revision } = data;
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision))
    throw new Unreadable('revision is no number');
  return {
    ...identity,
    postId: text(data, 'post_id'),
    connectionId: text(data, 'connection_id'),
    merchant: text(data, 'user_id'),
    platform: text(data, 'platform'),
    revision,
  };
}

function text(data: Data, name: string): string {
  const value = data[name];
  if (typeof value !== 'string') throw new Unreadable(`${name} is no text`);
  return value;
}

function textOrNull(data: Data, name: string): string | null {
  return data[name] === null || data[name] === undefined ? null : text(data, name);
}

function metrics(data: Data): Record<string, number | null> {
  const found = data.metrics;
  if (typeof found !== 'object' || found === null) throw new Unreadable('metrics is no object');
  return Object.fromEntries(
    Object.entries(found).filter(([, value]) => value === null || typeof value === 'number'),
  );
}
