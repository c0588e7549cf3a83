import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hear, now } from './clock.ts';

const HOUR = 60 * 60_000;
const inAnHour = () => new Date(Date.now() + HOUR);
const gap = () => now().getTime() - Date.now();

test('the clock of the servers counts, and the one that was moved before the one that was not', () => {
  hear(new Headers({ Date: inAnHour().toUTCString() }));
  assert.ok(Math.abs(gap() - HOUR) < 2_000);
  hear(new Headers({ 'X-Product-Time': inAnHour().toISOString(), Date: new Date().toUTCString() }));
  assert.ok(Math.abs(gap() - HOUR) < 2_000);
});

test('an answer without a time changes nothing, and one of about now ends the difference', () => {
  hear(new Headers({ Date: inAnHour().toUTCString() }));
  hear(new Headers());
  hear(new Headers({ Date: 'not a time' }));
  assert.ok(gap() > HOUR / 2);
  hear(new Headers({ Date: new Date(Date.now() - 2_000).toUTCString() }));
  assert.ok(Math.abs(gap()) < 100);
});
