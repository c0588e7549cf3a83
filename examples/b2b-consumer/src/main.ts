// A consumer of another team: at least once from Kafka, once in effect. Run it with `npm start`.
import { hostname } from 'node:os';
import { Consumer } from '@platformatic/kafka';
import { type RawRecord, readEvent, TOPICS, Unreadable } from './events.ts';
import { Store } from './store.ts';

const { KAFKA_BOOTSTRAP_SERVERS, KAFKA_GROUP, KAFKA_USERNAME, KAFKA_PASSWORD, STORE } = process.env;

const store = new Store(STORE ?? 'catalogue.db');
const consumer = new Consumer({
  clientId: 'b2b-catalogue',
  groupId: KAFKA_GROUP ?? 'b2b.catalogue', // a consumer team reads in groups whose names begin with `b2b.`
  groupInstanceId: hostname(), // started again, it goes on at once instead of waiting for its own dead self
  bootstrapBrokers: (KAFKA_BOOTSTRAP_SERVERS ?? 'localhost:8121').split(','),
  ...(KAFKA_USERNAME && KAFKA_PASSWORD
    ? {
        tls: {},
        sasl: { mechanism: 'SCRAM-SHA-512' as const, username: KAFKA_USERNAME, password: KAFKA_PASSWORD },
      }
    : {}),
});

function handle(record: RawRecord): string {
  const event = readEvent(record);
  return `${event.kind} ${event.id}: ${store.apply(event)}`;
}

/** Whether the record could be read now; a failure of the store itself still ends the program. */
function isReadable(record: RawRecord): boolean {
  try {
    say(`set aside before, now ${handle(record)}`);
    return true;
  } catch (error) {
    if (error instanceof Unreadable) return false;
    throw error;
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

let stop = (): void => process.exit(); // until there is something in hand
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop());

store.retryAside(isReadable);
// Without deserializers nothing can fail before our own code has the record. The client's own commits come when it
// hands records out, not when they are handled, so we commit ourselves.
const records = await consumer.consume({
  topics: TOPICS,
  mode: 'committed',
  fallbackMode: 'earliest',
  autocommit: false,
  maxWaitTime: 500,
});
stop = () => void records.close();
say('ready');

// One record after the other: that keeps the order within a partition, and so that of each post.
for await (const { key, value, headerEntries, topic, partition, offset, commit } of records) {
  const record = { key, value, headers: headerEntries };
  try {
    say(handle(record));
  } catch (error) {
    // What the store cannot take is not the record's fault: ending here leaves the offset, and the record comes again.
    if (!(error instanceof Unreadable)) throw error;
    store.setAside(record, { topic, partition, offset }, error.message);
    say(`set aside ${topic} ${partition} ${offset}: ${error.message}`);
  }
  await commit();
}
await consumer.close();
store.close();
