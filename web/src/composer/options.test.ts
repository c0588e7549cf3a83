import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  dateText,
  dateValue,
  fieldsOf,
  isShown,
  listText,
  listValue,
  timeText,
  timeValue,
  valueAt,
  withValue,
} from './options.ts';

const day = {
  type: 'object',
  properties: { year: { type: 'integer' }, month: { type: 'integer' }, day: { type: 'integer' } },
};
const schema = {
  type: 'object',
  properties: {
    topic_type: { type: 'string', enum: ['STANDARD', 'EVENT'], default: 'STANDARD' },
    title: { type: 'string', maxLength: 100 },
    terms: { type: 'string', maxLength: 5000 },
    link: { type: 'string', maxLength: 2048 },
    kids: { type: 'boolean', default: false },
    tags: { type: 'array', items: { type: 'string' } },
    odd: { type: 'null' },
    event: { type: 'object', required: ['start_date'], properties: { start_date: day } },
  },
};

test('each type of a schema has its control, and unknown ones have none', () => {
  const kinds = fieldsOf(schema).map(({ kind, path }) => `${path}: ${kind}`);
  assert.deepEqual(kinds, [
    'topic_type: choice',
    'title: text',
    'terms: long',
    'link: text',
    'kids: flag',
    'tags: list',
    'event: group',
  ]);
  const [start] = fieldsOf(schema).at(-1)!.fields;
  assert.deepEqual([start?.kind, start?.path, start?.isRequired], ['date', 'event.start_date', true]);
});

test('a value is set deep in the options and taken away without leaving empty objects', () => {
  const set = withValue({ title: 'T' }, 'event.schedule.start_date', { year: 2026, month: 1, day: 2 });
  assert.deepEqual(valueAt(set, 'event.schedule.start_date'), { year: 2026, month: 1, day: 2 });
  assert.deepEqual(withValue(set, 'event.schedule.start_date', undefined), { title: 'T' });
  assert.deepEqual(withValue({ title: 'T' }, 'title', ''), {});
  assert.deepEqual(withValue({}, 'kids', false), { kids: false });
});

test('days, times and lists come out of their inputs as they went in', () => {
  assert.equal(dateText(dateValue('2026-02-03')), '2026-02-03');
  assert.equal(timeText(timeValue('00:05')), '00:05');
  assert.deepEqual([dateValue(''), timeValue('')], [undefined, undefined]);
  assert.deepEqual(listValue(' tea, kettle\n\ncup '), ['tea', 'kettle', 'cup']);
  assert.equal(listText(['a', 'b']), 'a\nb');
});

test('an event is asked for when the post is one, or when it is filled in already', () => {
  const all = fieldsOf(schema);
  const event = all.at(-1)!;
  assert.equal(isShown(event, {}, all), false);
  assert.equal(isShown(event, { topic_type: 'EVENT' }, all), true);
  assert.equal(isShown(event, { event: { title: 'x' } }, all), true);
});

test('every option that we have words for has them in plain text, none is a bare name', () => {
  const words = JSON.parse(readFileSync(new URL('messages/en.json', import.meta.url), 'utf8'));
  for (const key of Object.keys(words).filter((name) => name.startsWith('option_')))
    assert.doesNotMatch(words[key], /_/, key);
});
