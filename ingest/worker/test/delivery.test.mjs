import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Receiver } from './lib/receiver.mjs';
import { hashOf, until } from './lib/until.mjs';
import { startWorker } from './lib/worker.mjs';

let receiver;
let worker;

beforeEach(async () => {
  receiver = await Receiver.start();
});

afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await receiver.stop();
});

async function start(bindings = {}, more = {}) {
  worker = await startWorker({
    script: 'test/fixtures/wrapped.mjs',
    bindings: { COUNTERFOIL_COLLECTOR: receiver.url, ...bindings },
    ...more,
  });
}

async function get(path, key, more = {}) {
  const response = await fetch(new URL(path, worker.url), { headers: { 'X-Api-Key': key, ...more } });
  return { status: response.status, text: await response.text() };
}

function identities(posts) {
  return posts.map((post) => `${post.instance}/${post.batch}`);
}

/** One batch a request: the number of the batch is that of the request. */
const ONE_BY_ONE = { COUNTERFOIL_BATCH_RECORDS: '1' };

test('the collector may be named with the path of its records', async () => {
  await start({ ...ONE_BY_ONE, COUNTERFOIL_COLLECTOR: `${receiver.url}/v1/records/` });
  await get('/x', 'named');
  await until('its record', () => receiver.records.length === 1);
  assert.equal(receiver.posts[0].url, '/v1/records');
});

test('a slow collector delays no answer: the client has all of it before the collector has said a word', async () => {
  await start(ONE_BY_ONE);
  const order = [];
  let release;
  const held = new Promise((resolve) => (release = resolve));
  receiver.answer = async () => {
    order.push('the collector has the record');
    await held;
    order.push('the collector answers');
  };
  const answers = await Promise.all(Array.from({ length: 5 }, (_, i) => get('/x', `slow-${i}`)));
  assert.ok(answers.every((answer) => answer.status === 200));
  order.push('the client has its answers');
  await until('the collector holds all five', () => receiver.posts.length === 5);
  assert.equal((await get('/y', 'slow-5')).status, 200, 'nor one that comes then');
  order.push('the client has another answer');
  assert.equal(order.includes('the collector answers'), false);
  assert.equal(receiver.records.length, 0);
  release();
  await until('all records', () => receiver.records.length === 6);
  assert.ok(order.indexOf('the collector answers') > order.indexOf('the client has another answer'));
  assert.deepEqual(receiver.gaps(), []);
});

test('records wait for each other, by number and by age', async () => {
  await start({ COUNTERFOIL_BATCH_RECORDS: '10', COUNTERFOIL_BATCH_AGE_MS: '3000' });
  await Promise.all(Array.from({ length: 20 }, () => get('/x', 'many')));
  await until('two full batches', () => receiver.taken.size === 2);
  assert.deepEqual([...receiver.taken.values()].map((records) => records.length), [10, 10]);
  await get('/x', 'few');
  await get('/x', 'few');
  assert.equal(receiver.taken.size, 2, 'they are neither many nor old');
  await until('they are old', () => receiver.taken.size === 3);
  assert.equal([...receiver.taken.values()][2].length, 2);
  assert.deepEqual(receiver.posts.map((post) => post.batch).sort(), [1, 2, 3]);
});

test('a batch that was not taken is sent again, the same bytes under the same number', async () => {
  await start(ONE_BY_ONE);
  let faults = 1;
  receiver.answer = () => (faults-- > 0 ? { status: 503, headers: { 'Retry-After': '1' } } : undefined);
  await get('/x', 'again');
  await until('its record', () => receiver.records.length === 1);
  assert.equal(receiver.posts.length, 2);
  assert.equal(receiver.posts[0].body, receiver.posts[1].body);
  assert.deepEqual(identities(receiver.posts.slice(0, 1)), identities(receiver.posts.slice(1)));
});

test('a batch whose answer was lost comes twice, and can be told by its identity', async () => {
  await start(ONE_BY_ONE);
  let faults = 1;
  receiver.answer = () => (faults-- > 0 ? 'lost' : undefined);
  await get('/x', 'twice');
  await until('it comes again', () => receiver.posts.length === 2);
  await until('it is answered', () => receiver.records.length === 1);
  assert.equal(receiver.posts[0].body, receiver.posts[1].body);
  assert.equal(new Set(identities(receiver.posts)).size, 1);
});

test('a batch that will never be taken is told once and not sent again', async () => {
  await start(ONE_BY_ONE);
  receiver.answer = (post) => (post.batch === 1 ? { status: 413 } : undefined);
  await get('/x', 'large');
  await until('it is told', () => /the collector answered 413 to batch 1 of .*, which will never be taken/.test(worker.output()));
  await get('/x', 'next');
  await until('the next', () => receiver.records.length === 1);
  assert.deepEqual(receiver.posts.map((post) => post.batch), [1, 2]);
});

test('batches outlive a collector that is away for a while', async () => {
  await start({ ...ONE_BY_ONE });
  const { port } = receiver;
  await receiver.stop();
  for (let i = 0; i < 10; i++) {
    assert.equal((await get('/x', `patient-${i}`)).status, 200);
  }
  await until('the first is parked after its tries', () => (worker.output().match(/did not take batch 1 of/g) ?? []).length === 3);
  receiver = await Receiver.start(port);
  await get('/x', 'last');
  await until('all eleven', async () => {
    // What is parked goes with a later batch.
    await get('/x', 'more');
    return receiver.records.filter((record) => record.key !== hashOf('more')).length === 11;
  });
  assert.deepEqual(receiver.gaps(), []);
});

test("what waitUntil loses shows as a gap in that isolate's numbers", async () => {
  await start({ ...ONE_BY_ONE, COUNTERFOIL_MAX_WAITING: '3' });
  let down = true;
  receiver.answer = () => (down ? { status: 503 } : undefined);
  const sent = 12;
  for (let i = 0; i < sent; i++) {
    assert.equal((await get('/x', `lossy-${i}`)).status, 200, 'requests are served on');
  }
  await until('some are given up', () => /is given up, more than 3 wait for the collector/.test(worker.output()));
  await until('all tries have ended', () => {
    const given = (worker.output().match(/is given up/g) ?? []).length;
    return given === sent - 3;
  });
  down = false;
  await get('/x', 'after');
  await until('what waited and what came after', () => receiver.records.length === 3 + 1);
  const given = [...worker.output().matchAll(/batch (\d+) of (\S+) is given up/g)].map((match) => `${match[2]}/${match[1]}`);
  assert.deepEqual(receiver.gaps().sort(), given.sort(), 'each lost batch is a gap, and no other is');
  assert.equal(given.length, sent - 3);
});

test('of what waits a request sends only some, so that the Worker has its own requests left', async () => {
  await start(ONE_BY_ONE);
  let down = true;
  receiver.answer = () => (down ? { status: 503 } : undefined);
  await Promise.all(Array.from({ length: 30 }, () => get('/x', 'waits')));
  await until('all have been tried three times', () => (worker.output().match(/the collector answered 503/g) ?? []).length === 90);
  await new Promise((resolve) => setTimeout(resolve, 200));
  down = false;
  await get('/x', 'after');
  await until('ten and the new one', () => receiver.taken.size >= 11);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  assert.equal(receiver.taken.size, 11);
  await get('/x', 'after');
  await get('/x', 'after');
  await until('all', () => receiver.taken.size === 33);
  assert.deepEqual(receiver.gaps(), []);
});

test('posts that the runtime ended keep no later ones back', async () => {
  await start({ ...ONE_BY_ONE, COUNTERFOIL_MAX_WAITING: '2' });
  await get('/x', 'ended', { 'X-Fault': 'posts hang' });
  await get('/x', 'ended', { 'X-Fault': 'posts hang' });
  await get('/x', 'parked');
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(receiver.posts.length, 0, 'as many as may are being sent');
  await get('/x', 'later', { 'X-Fault': 'five minutes on' });
  await until('the later one, and what was parked', () => receiver.records.length === 2);
  assert.deepEqual(receiver.records.map((record) => record.key).sort(), [hashOf('later'), hashOf('parked')].sort());
});

test('what was parked while the queue took nothing goes through it when it does', async () => {
  await start({ ...ONE_BY_ONE, COUNTERFOIL_QUEUE_RETRY_SECONDS: '0' }, { queue: true });
  let down = true;
  receiver.answer = () => (down ? { status: 503 } : undefined);
  await get('/x', 'parked', { 'X-Fault': 'queue' });
  await until('it is parked after its tries', () => (worker.output().match(/the collector answered 503 to batch 1 of/g) ?? []).length === 3);
  await new Promise((resolve) => setTimeout(resolve, 200));
  down = false;
  await get('/x', 'queued');
  await until('both', () => receiver.records.length === 2);
  assert.deepEqual(receiver.gaps(), []);
});

test('a queue that does not answer is not waited for long', async () => {
  await start(ONE_BY_ONE);
  const began = Date.now();
  await get('/x', 'direct', { 'X-Fault': 'queue-hangs' });
  await until('its record', () => receiver.records.length === 1);
  assert.ok(Date.now() - began >= 4_900);
  assert.match(worker.output(), /the queue did not take batch 1 of .*: Error: no answer within 5000 ms/);
});

test('with a queue a collector that is away loses nothing, and what comes twice is told by its identity', async () => {
  await start({ ...ONE_BY_ONE, COUNTERFOIL_QUEUE_RETRY_SECONDS: '0' }, { queue: true });
  let down = true;
  let lost = 3;
  receiver.answer = () => (down ? { status: 503 } : lost-- > 0 ? 'lost' : undefined);
  for (let i = 0; i < 12; i++) {
    assert.equal((await get('/x', `queued-${i}`)).status, 200);
  }
  await until('all were tried', () => new Set(identities(receiver.posts)).size === 12);
  down = false;
  await until('all are there', () => receiver.taken.size === 12);
  await until('those whose answer was lost came again', () => receiver.posts.filter((post) => receiver.taken.has(`${post.instance}/${post.batch}`)).length >= 15);
  assert.deepEqual(receiver.gaps(), []);
  assert.deepEqual(
    receiver.records.map((record) => record.key).sort(),
    Array.from({ length: 12 }, (_, i) => hashOf(`queued-${i}`)).sort(),
  );
  for (const identity of receiver.taken.keys()) {
    const bodies = receiver.posts.filter((post) => `${post.instance}/${post.batch}` === identity).map((post) => post.body);
    assert.equal(new Set(bodies).size, 1, 'the same bytes at each try');
  }
});

test('a batch that is refused for good ends in the dead letter queue', async () => {
  await start({ ...ONE_BY_ONE, COUNTERFOIL_QUEUE_RETRY_SECONDS: '0' }, { queue: { maxRetries: 2 } });
  receiver.answer = () => ({ status: 400 });
  await get('/x', 'refused');
  await until('three tries', () => receiver.posts.length === 3);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(receiver.posts.length, 3);
  assert.equal(new Set(identities(receiver.posts)).size, 1);
});

test('where the queue takes nothing, batches are posted', async () => {
  await start(ONE_BY_ONE);
  assert.equal((await get('/x', 'direct', { 'X-Fault': 'queue' })).status, 200);
  await until('its record', () => receiver.records.length === 1);
  assert.match(worker.output(), /the queue did not take batch 1 of .*: Error: the queue is full/);
});

test("the Worker's own queue stays its own", async () => {
  await start(ONE_BY_ONE, { queueProducers: { OWN: 'own' }, queueConsumers: { own: { maxBatchTimeout: 0 } } });
  const own = await worker.miniflare.getQueueProducer('OWN');
  await own.send('a message');
  await until('it has come', () => worker.output().includes("the Worker's own queue got a message"));
});

test('without a collector requests are answered, and that they are not counted is told once', async () => {
  await start({ COUNTERFOIL_COLLECTOR: '' });
  for (let i = 0; i < 5; i++) {
    assert.equal((await get('/x', 'unset')).status, 200);
  }
  await until('it is told', () => /neither COUNTERFOIL_COLLECTOR nor COUNTERFOIL_QUEUE is set/.test(worker.output()));
  assert.equal(worker.output().match(/neither/g).length, 1);
});
