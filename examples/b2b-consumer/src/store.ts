// What is known of posts, and what was already seen. An event's effect and the note that it was seen are one
// transaction: after a crash either both are there or neither, and the record comes again.
import { DatabaseSync } from 'node:sqlite';
import type { Event, RawRecord } from './events.ts';

export type Outcome = 'applied' | 'seen before' | 'older than what is known';

const SCHEMA = `
PRAGMA journal_mode = WAL;
PRAGMA busy_timeout = 2000;
CREATE TABLE IF NOT EXISTS seen (
  source TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (source, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS posts (
  post_id TEXT PRIMARY KEY, connection_id TEXT NOT NULL, merchant TEXT NOT NULL, platform TEXT NOT NULL,
  product_id TEXT, status TEXT, permalink TEXT, revision INTEGER NOT NULL DEFAULT 0,
  metrics TEXT, measured_revision INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS erased (connection_id TEXT PRIMARY KEY) WITHOUT ROWID;
-- What a catalogue, a bill or a message to a partner would be made of: adding to it twice would be noticed.
CREATE TABLE IF NOT EXISTS feed (
  position INTEGER PRIMARY KEY, event_id TEXT NOT NULL, post_id TEXT NOT NULL, what TEXT NOT NULL, revision INTEGER
);
CREATE TABLE IF NOT EXISTS set_aside (
  topic TEXT NOT NULL, partition INTEGER NOT NULL, "offset" TEXT NOT NULL, reason TEXT NOT NULL, record TEXT NOT NULL,
  PRIMARY KEY (topic, partition, "offset")
);
`;
// Longer than a topic keeps a record and the sender can replay it; after that no duplicate can come.
const KEEP_SEEN = '-90 days';

export class Store {
  readonly #db: DatabaseSync;

  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    this.#db.exec(SCHEMA);
    this.#db.prepare("DELETE FROM seen WHERE at < datetime('now', ?)").run(KEEP_SEEN);
  }

  /** Does what the event says, once, whatever comes again or late. Throws only where the store itself fails. */
  apply(event: Event): Outcome {
    return this.#transaction(() => {
      const noted = this.#run(
        'INSERT INTO seen (source, id) VALUES (?, ?) ON CONFLICT DO NOTHING',
        event.source,
        event.id,
      );
      if (noted === 0) return 'seen before';
      return this.#change(event) ? 'applied' : 'older than what is known';
    });
  }

  /** Keeps a record that cannot be read, so that its partition goes on and nothing is lost. */
  setAside(
    record: RawRecord,
    at: { topic: string; partition: number; offset: bigint },
    reason: string,
  ): void {
    const sql = 'INSERT INTO set_aside VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
    this.#run(sql, at.topic, at.partition, String(at.offset), reason, pack(record));
  }

  /** Offers every record that was set aside to `read` again, as after an upgrade; those it takes are done with. */
  retryAside(read: (record: RawRecord) => boolean): number {
    const rows = this.#db.prepare('SELECT rowid AS id, record FROM set_aside ORDER BY rowid').all();
    const taken = rows.filter((row) => read(unpack(String(row.record))));
    for (const row of taken) this.#run('DELETE FROM set_aside WHERE rowid = ?', Number(row.id));
    return taken.length;
  }

  close(): void {
    this.#db.close();
  }

  #change(event: Event): boolean {
    switch (event.kind) {
      case 'passed':
        return true;
      case 'erased':
        this.#run('INSERT INTO erased VALUES (?) ON CONFLICT DO NOTHING', event.connectionId);
        this.#run(
          'DELETE FROM feed WHERE post_id IN (SELECT post_id FROM posts WHERE connection_id = ?)',
          event.connectionId,
        );
        this.#run('DELETE FROM posts WHERE connection_id = ?', event.connectionId);
        return true;
      default:
    }
    // Order holds within a topic only: what was erased must not come back with an event of another one.
    if (this.#db.prepare('SELECT 1 FROM erased WHERE connection_id = ?').get(event.connectionId))
      return false;
    const { postId, connectionId, merchant, platform, revision } = event;
    const row =
      'INSERT INTO posts (post_id, connection_id, merchant, platform) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING';
    this.#run(row, postId, connectionId, merchant, platform);
    // Measurements count by themselves; compared with the post's own revision they would seem old or new at random.
    const changed =
      event.kind === 'measured'
        ? this.#run(
            'UPDATE posts SET metrics = ?1, measured_revision = ?2 WHERE post_id = ?3 AND measured_revision < ?2',
            JSON.stringify(event.metrics),
            revision,
            postId,
          )
        : this.#run(
            'UPDATE posts SET status = ?1, permalink = ?4, product_id = ?5, revision = ?2 WHERE post_id = ?3 AND revision < ?2',
            event.kind === 'published' ? 'published' : event.status,
            revision,
            postId,
            event.kind === 'published' ? event.permalink : null,
            event.productId,
          );
    if (changed === 0) return false;
    const note = 'INSERT INTO feed (event_id, post_id, what, revision) VALUES (?, ?, ?, ?)';
    this.#run(note, event.id, postId, event.kind, revision);
    return true;
  }

  #run(sql: string, ...values: Array<string | number | null>): number {
    return Number(this.#db.prepare(sql).run(...values).changes);
  }

  #transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}

function pack(record: RawRecord): string {
  const text = (part: Buffer | null) => part?.toString('base64') ?? null;
  const headers = record.headers.map(([name, value]) => [text(name), text(value)]);
  return JSON.stringify({ key: text(record.key), headers, value: text(record.value) });
}

function unpack(packed: string): RawRecord {
  const { key, headers, value } = JSON.parse(packed) as {
    key: string | null;
    headers: Array<[string, string | null]>;
    value: string | null;
  };
  const bytes = (part: string | null) => (part === null ? null : Buffer.from(part, 'base64'));
  return {
    key: bytes(key),
    headers: headers.map(([name, text]) => [Buffer.from(name, 'base64'), bytes(text)] as const),
    value: bytes(value),
  };
}
