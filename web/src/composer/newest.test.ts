import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { Newest } from './newest.ts';

let answers: ((answer: string) => void)[] = [];
let asked: string[] = [];
let told: string[] = [];

function newest() {
  return new Newest<string, string>(
    (question) => {
      asked.push(question);
      return new Promise((resolve) => answers.push(resolve));
    },
    (answer) => told.push(answer),
    () => told.push('failed'),
  );
}

beforeEach(() => {
  [answers, asked, told] = [[], [], []];
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('of quick changes only the last is asked', async () => {
  const one = newest();
  for (const text of ['a', 'ab', 'abc']) {
    one.want(text);
    mock.timers.tick(200);
  }
  mock.timers.tick(100);
  assert.deepEqual(asked, ['abc']);
});

test('while one is asked nothing else is, and only the newest answer is told', async () => {
  const one = newest();
  one.want('a');
  mock.timers.tick(300);
  one.want('b');
  mock.timers.tick(300);
  assert.deepEqual(asked, ['a']);
  answers[0]!('old');
  await settled();
  mock.timers.tick(300);
  assert.deepEqual(asked, ['a', 'b']);
  answers[1]!('new');
  await settled();
  assert.deepEqual(told, ['new']);
});

test('an answer that nobody waits for any more is dropped', async () => {
  const one = newest();
  one.want('a');
  mock.timers.tick(300);
  one.forget();
  answers[0]!('late');
  await settled();
  assert.deepEqual(told, []);
});
