import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { Receiver } from './lib/receiver.mjs';
import { hashOf, until } from './lib/until.mjs';
import { startWorker } from './lib/worker.mjs';

let receiver;
let worker;

before(async () => {
  receiver = await Receiver.start();
  worker = await startWorker({ script: 'test/fixtures/wrapped.mjs', bindings: { COUNTERFOIL_COLLECTOR: receiver.url } });
});

after(async () => {
  await worker.stop();
  await receiver.stop();
});

/** The one record of requests with that key. */
async function recordOf(key) {
  await until(`a record of ${key}`, () => receiver.records.some((record) => record.key === hashOf(key)));
  const found = receiver.records.filter((record) => record.key === hashOf(key));
  assert.equal(found.length, 1, 'one request, one record');
  return found[0];
}

function get(path, key, more = {}) {
  return fetch(new URL(path, worker.url), { ...more, headers: { 'X-Api-Key': key, 'Accept-Encoding': 'identity', ...more.headers } });
}

test('every one of 5,000 requests over 50 keys is counted once, under its key', async () => {
  const expected = new Map();
  let next = 0;
  const clients = Array.from({ length: 20 }, async () => {
    while (next < 5_000) {
      const number = next++;
      const key = `load-key-${number % 50}`;
      const bytes = number % 97;
      const response = await get(`/sized?bytes=${bytes}&api_key=${key}`, 'not-this-one');
      assert.equal((await response.text()).length, bytes);
      const sum = expected.get(hashOf(key)) ?? { requests: 0, bytes: 0 };
      expected.set(hashOf(key), { requests: sum.requests + 1, bytes: sum.bytes + bytes });
    }
  });
  await Promise.all(clients);
  const mine = () => receiver.records.filter((record) => expected.has(record.key));
  await until('all records', () => mine().length >= 5_000);
  const sums = new Map();
  for (const record of mine()) {
    const sum = sums.get(record.key) ?? { requests: 0, bytes: 0 };
    sums.set(record.key, { requests: sum.requests + 1, bytes: sum.bytes + record.bytes_out });
  }
  assert.deepEqual(new Map([...sums].sort()), new Map([...expected].sort()));
  assert.deepEqual(receiver.gaps(), []);
  const instances = new Set(receiver.posts.map((post) => post.instance));
  assert.equal(instances.size, 1);
  assert.match([...instances][0], /^[A-Za-z0-9._-]{1,64}$/);
});

test('a record has what the access log has of a request', async () => {
  const began = Date.now();
  const response = await fetch(new URL('/echo?secret=1', worker.url), {
    method: 'POST',
    headers: { Authorization: 'Bearer unused', 'X-Api-Key': 'key-of-fields', 'X-Request-Id': 'my-id-1' },
    body: 'hello',
  });
  assert.equal(await response.text(), 'hello');
  const record = await recordOf('key-of-fields');
  assert.ok(record.ts_us >= began * 1000 && record.ts_us <= Date.now() * 1000, 'the time is microseconds of UTC');
  assert.ok(record.duration_us >= 0 && record.duration_us < 10_000_000);
  assert.deepEqual(
    { ...record, ts_us: 0, duration_us: 0 },
    {
      ts_us: 0,
      key: hashOf('key-of-fields'),
      method: 'POST',
      path: '/echo',
      status: 200,
      bytes_in: 5,
      bytes_out: 5,
      duration_us: 0,
      units: 1,
      decision: 'admitted',
      request_id: 'my-id-1',
    },
  );
  const post = receiver.posts.at(-1);
  assert.equal(post.url, '/v1/records');
  assert.equal(post.authorization, 'Bearer the-token-of-the-test-24-characters');
  assert.equal(post.headers['content-type'], 'application/x-ndjson');
  assert.ok(Math.abs(Number(post.headers['counterfoil-sent']) - Date.now()) < 60_000);
});

test('a body of no stated length is counted as it is read', async () => {
  const parts = new ReadableStream({
    start(controller) {
      for (const part of ['one', 'two', 'three']) {
        controller.enqueue(new TextEncoder().encode(part));
      }
      controller.close();
    },
  });
  const response = await get('/echo', 'key-of-chunks', { method: 'POST', body: parts, duplex: 'half' });
  assert.equal(await response.text(), 'onetwothree');
  const record = await recordOf('key-of-chunks');
  assert.equal(record.bytes_in, 11);
  assert.equal(record.bytes_out, 11);
});

test('the oldest compatibility date that README names counts bodies both ways', async () => {
  const old = await startWorker({
    script: 'test/fixtures/wrapped.mjs',
    bindings: { COUNTERFOIL_COLLECTOR: receiver.url },
    compatibilityDate: '2022-11-30',
    compatibilityFlags: [],
  });
  try {
    const ask = (path, key, more) => fetch(new URL(path, old.url), { headers: { 'X-Api-Key': key }, ...more });
    const parts = new Blob(['eleven', 'bytes']).stream();
    assert.equal(await (await ask('/echo', 'key-of-old-in', { method: 'POST', body: parts, duplex: 'half' })).text(), 'elevenbytes');
    const { bytes_in: bytesIn, bytes_out: bytesOut } = await recordOf('key-of-old-in');
    assert.deepEqual([bytesIn, bytesOut], [11, 11]);
    assert.equal((await (await ask('/sized?bytes=300000', 'key-of-old-out')).text()).length, 300_000);
    assert.equal((await recordOf('key-of-old-out')).bytes_out, 300_000);
  } finally {
    await old.stop();
  }
});

test('answers keep status, fields, cookies and stated length', async () => {
  const small = await get('/sized?bytes=10', 'key-of-small');
  assert.equal(small.headers.get('content-length'), '10');
  await small.text();
  const stated = await get('/stated', 'key-of-stated');
  assert.equal(stated.headers.get('content-length'), '4000');
  assert.equal((await stated.text()).length, 4000);
  assert.equal((await recordOf('key-of-stated')).bytes_out, 4000);
  const large = await get('/sized?bytes=3000000', 'key-of-large');
  assert.equal((await large.text()).length, 3_000_000);
  assert.equal((await recordOf('key-of-large')).bytes_out, 3_000_000);
  const cookies = await get('/cookies', 'key-of-cookies');
  assert.equal(cookies.status, 201);
  assert.equal(cookies.statusText, 'Made');
  assert.deepEqual(cookies.headers.getSetCookie(), ['a=1', 'b=2']);
  const empty = await get('/empty', 'key-of-empty');
  assert.equal(empty.status, 204);
  assert.equal((await recordOf('key-of-empty')).status, 204);
  const head = await get('/sized?bytes=10', 'key-of-head', { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal((await recordOf('key-of-head')).bytes_out, 0);
});

test('an answer that states a wrong length reaches the client whole', async () => {
  const expected = {
    'text-longer': (bytes) => 'x'.repeat(bytes),
    'text-shorter': () => 'short',
    'rewriter-longer': (bytes) => `<p>${'x'.repeat(bytes)}</p>`,
    'rewriter-shorter': () => '<p></p>',
    appended: (bytes) => `<p>old</p>${'x'.repeat(bytes)}`,
  };
  for (const bytes of [50, 200_000]) {
    for (const [how, body] of Object.entries(expected)) {
      const key = `key-of-stale-${how}-${bytes}`;
      const response = await get(`/stale?how=${how}&bytes=${bytes}`, key, { signal: AbortSignal.timeout(10_000) });
      const text = await response.text();
      assert.equal(text.length, body(bytes).length, `${how} ${bytes}`);
      assert.equal(text, body(bytes));
      assert.equal((await recordOf(key)).bytes_out, text.length);
    }
  }
});

test('an encoded answer stays readable, whoever encodes it', async () => {
  for (const way of ['hand', 'runtime']) {
    const response = await get(`/gzip-by-${way}`, `key-of-gzip-${way}`, { headers: { 'Accept-Encoding': 'gzip' } });
    assert.equal(await response.text(), 'a'.repeat(5000));
  }
  assert.ok((await recordOf('key-of-gzip-hand')).bytes_out < 100, 'the bytes that the Worker made');
  assert.equal((await recordOf('key-of-gzip-runtime')).bytes_out, 5000, 'the bytes before the runtime encodes them');
});

test('a streamed body streams: its first part is there before its last is made', async () => {
  const response = await get('/parts?count=4&every=600', 'key-of-stream');
  const reader = response.body.getReader();
  const first = await reader.read();
  assert.equal(first.done, false);
  assert.equal(receiver.records.some((record) => record.key === hashOf('key-of-stream')), false, 'it has not ended');
  let bytes = first.value.byteLength;
  let reads = 1;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.byteLength;
    reads++;
  }
  assert.equal(bytes, 4000);
  assert.ok(reads > 1);
  assert.equal((await recordOf('key-of-stream')).bytes_out, 4000);
});

test('a client that leaves early has a record of what went out', async () => {
  await new Promise((resolve) => {
    const socket = net.connect(Number(worker.url.port), '127.0.0.1', () =>
      socket.write('GET /parts?count=1000&every=10 HTTP/1.1\r\nHost: test\r\nX-Api-Key: key-of-leaver\r\n\r\n'),
    );
    let bytes = 0;
    socket.on('data', (part) => {
      bytes += part.length;
      if (bytes > 5_000) {
        socket.destroy();
        resolve();
      }
    });
  });
  const record = await recordOf('key-of-leaver');
  assert.equal(record.status, 200);
  assert.ok(record.bytes_out >= 4_000 && record.bytes_out < 1_000_000, `some of it: ${record.bytes_out}`);
});

test('a client that leaves before its answer has a record', async () => {
  const socket = net.connect(Number(worker.url.port), '127.0.0.1', () =>
    socket.write('GET /slow HTTP/1.1\r\nHost: test\r\nX-Api-Key: key-of-hasty\r\n\r\n'),
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.destroy();
  // Miniflare passes a request on and does not say that its client has left; where the runtime says so the status is 499.
  assert.ok([200, 499].includes((await recordOf('key-of-hasty')).status));
});

test('an answer that breaks off has a record of what went out', async () => {
  // Miniflare ends it as if it were whole, with and without Counterfoil around it.
  await (await get('/breaks', 'key-of-broken')).arrayBuffer();
  assert.equal((await recordOf('key-of-broken')).bytes_out, 3000);
});

test("units, route and 403 are the Worker's own to say", async () => {
  const heavy = await get('/units', 'key-of-units');
  assert.equal(heavy.headers.get('counterfoil-units'), null, 'not for the client');
  assert.equal((await recordOf('key-of-units')).units, 7);
  await get('/routed', 'key-of-route');
  assert.equal((await recordOf('key-of-route')).route, 'named');
  assert.equal((await get('/forbidden', 'key-of-forbidden')).status, 403);
  assert.equal((await recordOf('key-of-forbidden')).decision, 'unauthorized');
});

test('what the collector would reject is left out of the record, not the record with it', async () => {
  const routes = { 'counterfoil.usage': undefined, 'Upper': undefined, 'sk_abcdefghijklmnop12': undefined, 'cfk_0123456789abcdef': undefined };
  routes['a1'.repeat(16)] = undefined;
  routes['a'.repeat(65)] = undefined;
  routes['forecast-2026.a_b'] = 'forecast-2026.a_b';
  routes['a'.repeat(64)] = 'a'.repeat(64);
  routes['sk_abcdefghijklmnopqrst'] = 'sk_abcdefghijklmnopqrst';
  for (const [number, [route, recorded]] of Object.entries(routes).entries()) {
    await get(`/routed?route=${route}`, `key-of-form-${number}`);
    assert.equal((await recordOf(`key-of-form-${number}`)).route, recorded, route);
  }
  await get('/routed?route=of-key-of-own-route', 'key-of-own-route');
  assert.equal((await recordOf('key-of-own-route')).route, undefined, 'the key stands in it');
  await get('/x', 'key-of-method', { headers: { 'X-Fault': 'method' } });
  assert.equal((await recordOf('key-of-method')).method, '-');
  await rawStatus('/drop', ['X-Api-Key: key-of-boast', 'Content-Length: 99999999999999']);
  assert.equal((await recordOf('key-of-boast')).bytes_in, 2 ** 44 - 1);
});

test("the Worker's own failure is still its own, and has a record", async () => {
  const response = await get('/throws', 'key-of-thrower');
  assert.equal(response.status, 500);
  assert.match(await response.text(), /the Worker around which this is failed/);
  assert.equal((await recordOf('key-of-thrower')).status, 500);
});

test("the Worker's other handlers stay", async () => {
  await (await worker.miniflare.getWorker()).scheduled({ cron: '0 * * * *' });
  await until('it ran', () => worker.output().includes("the Worker's own schedule, with its fetch beside it: function"));
});

test('a WebSocket passes', async () => {
  const response = await worker.miniflare.dispatchFetch(new URL('/socket', worker.url), {
    headers: { Upgrade: 'websocket', 'X-Api-Key': 'key-of-socket' },
  });
  assert.equal(response.status, 101);
  const said = new Promise((resolve) => response.webSocket.addEventListener('message', (event) => resolve(event.data)));
  response.webSocket.accept();
  assert.equal(await said, 'hello');
  assert.equal((await recordOf('key-of-socket')).status, 101);
});

test('whatever a request looks like, it is answered and counted', async () => {
  const odd = ['/%', '/%zz/%ff', '/a%00b', '/%E2%82%AC/€', '//double//', '/a/../b', `/${'x'.repeat(10_000)}`, '/;,"\'<>', '/?api_key='];
  for (const [number, path] of odd.entries()) {
    const key = `key-of-odd-${number}`;
    assert.equal(await rawStatus(path, [`X-Api-Key: ${key}`]), 200, path.slice(0, 40));
    if (!path.includes('api_key')) {
      assert.ok((await recordOf(key)).path.length <= 256);
    }
  }
  const many = Array.from({ length: 50 }, (_, i) => `X-Filler-${i}: ${'y'.repeat(200)}`);
  assert.equal(await rawStatus('/many', ['X-Api-Key: key-of-many', `X-Request-Id: ${'z'.repeat(3000)}`, ...many]), 200);
  assert.equal((await recordOf('key-of-many')).request_id, undefined);
  assert.equal(await rawStatus('/long', [`X-Api-Key: ${'k'.repeat(513)}`]), 200);
  assert.equal(await rawStatus('/utf8', ['X-Api-Key: schlüssel-€']), 200);
  await recordOf('schlüssel-€');
  await until('the one with a too long key', () => receiver.records.some((record) => record.path === '/long' && !record.key));
});

function rawStatus(path, fields) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(worker.url.port), '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n${fields.join('\r\n')}\r\n\r\n`),
    );
    socket.on('error', reject);
    socket.once('data', (part) => {
      resolve(Number(/^HTTP\/1.1 (\d+)/.exec(part.toString())?.[1]));
      socket.destroy();
    });
  });
}

test('a failure of what Counterfoil needs fails no request', async () => {
  for (const fault of ['kv', 'kv-hangs', 'hash']) {
    const response = await get('/fine', `key-of-fault-${fault}`, { headers: { 'X-Fault': fault } });
    assert.equal(response.status, 200, fault);
    assert.deepEqual(await response.json(), { path: '/fine' });
  }
  await recordOf('key-of-fault-kv');
  await recordOf('key-of-fault-kv-hangs');
  for (let i = 0; i < 4; i++) {
    await (await get('/fine', 'key-of-fault-kv-hangs-on', { headers: { 'X-Fault': 'kv-hangs' } })).text();
  }
  await until('it was asked', () => worker.output().includes('KV was asked'));
  assert.equal(worker.output().match(/KV was asked/g).length, 1, 'one request waits for a KV that does not answer');
  assert.equal((await get('/unroutable', 'key-of-unroutable')).status, 200);
  assert.equal((await recordOf('key-of-unroutable')).route, undefined);
  assert.equal((await get('/no-response', 'key-of-no-response')).status, 500);
  assert.equal((await recordOf('key-of-no-response')).status, 500, 'what the client got, not 299');
  assert.equal((await get('/error', 'key-of-error')).status, 500);
  assert.equal((await recordOf('key-of-error')).status, 500);
  await until('the one without a hash is counted without a key', () =>
    receiver.records.some((record) => record.path === '/fine' && !record.key),
  );
  await until('each is told', () => /KV is away/.test(worker.output()) && /no hash today/.test(worker.output()));
});

test('no key is in anything that was sent or written', async () => {
  const key = 'a-very-secret-key-that-must-not-appear';
  await get(`/keys/${key}/x?api_key=${key}`, key, { headers: { 'X-Request-Id': `id-${key}` } });
  const encoded = key.replaceAll('-', '%2D');
  await fetch(new URL(`/keys/${encoded}/y`, worker.url));
  assert.equal(await rawStatus(`/keys/${encoded}/%zz%ff`, []), 200, 'one bad escape hides no key');
  assert.equal(await rawStatus(`/keys/${encoded}/%ff${encoded}%e2`, []), 200);
  const preflight = { Origin: 'https://page.example', 'Access-Control-Request-Method': 'GET' };
  await fetch(new URL(`/keys/${key}/preflight`, worker.url), { method: 'OPTIONS', headers: preflight });
  const failing = await fetch(new URL('/keys/failing-secret/z', worker.url), { headers: { 'X-Request-Id': 'failing-secret' } });
  assert.equal(failing.status, 200, 'a key function that fails fails no request');
  await until('the one whose key is not known', () => receiver.records.some((record) => record.path === '-' && !record.key && !record.request_id));
  await get('/unroutable', 'key-of-unroutable-secret');
  await until('both are told', () => /could not be looked for: Error/.test(worker.output()) && /could not be named: Error/.test(worker.output()));
  await get('/fine', key, { headers: { 'X-Fault': 'kv' } });
  await until('their records', () => receiver.records.filter((record) => record.key === hashOf(key)).length >= 6);
  const everything = receiver.posts.map((post) => JSON.stringify(post)).join('\n') + worker.output();
  for (const secret of [key, encoded, 'failing-secret', 'load-key-', 'key-of-', 'schlüssel']) {
    assert.equal(everything.includes(secret), false, `'${secret}' appears`);
  }
  assert.equal(worker.output().includes('the-token-of-the-test'), false);
});
