import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Receiver } from './lib/receiver.mjs';
import { flagsDocument, hashOf, until } from './lib/until.mjs';
import { startWorker } from './lib/worker.mjs';

const FLAGS = 'counterfoil-flags';
let receiver;
let worker;
let version = 0;

before(async () => {
  receiver = await Receiver.start();
  worker = await startWorker({ script: 'test/fixtures/wrapped.mjs', bindings: { COUNTERFOIL_COLLECTOR: receiver.url } });
});

after(async () => {
  await worker.stop();
  await receiver.stop();
});

function seconds() {
  return Math.floor(Date.now() / 1000);
}

function get(path, key, more = {}) {
  return fetch(new URL(path, worker.url), { ...more, headers: { 'X-Api-Key': key, ...more.headers } });
}

/** Puts a flag into KV, and asks until the Worker goes by it. */
async function flagged(key, flag, status) {
  await worker.flags.put(FLAGS, flagsDocument(key, flag, ++version));
  await until(`${status} for ${key}`, async () => {
    const response = await get('/x', key);
    await response.arrayBuffer();
    return response.status === status && (status === 429 || response.headers.has('counterfoil-warning'));
  });
}

test('a key over its limit is refused with what our edge says, until the limit resets', async () => {
  const now = seconds();
  const resetsAt = now + 5;
  await flagged('over', { as_of: now - 60, resets_at: resetsAt }, 429);
  const response = await get('/x', 'over', { headers: { 'X-Request-Id': 'id-7' } });
  assert.equal(response.status, 429);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  assert.equal(response.headers.get('ratelimit-policy'), '"hour";q=1000;w=3600');
  assert.match(response.headers.get('ratelimit'), new RegExp(`^"hour";r=0;t=[0-5];counterfoil-asof=${now - 60}$`));
  const retryAfter = Number(response.headers.get('retry-after'));
  assert.ok(retryAfter >= 0 && retryAfter <= 15, `the reset and up to 10 s more: ${retryAfter}`);
  assert.equal(response.headers.get('x-request-id'), 'id-7');
  const iso = (time) => new Date(time * 1000).toISOString().replace('.000Z', 'Z');
  assert.equal(
    await response.text(),
    '{"type":"https://iana.org/assignments/http-problem-types#quota-exceeded","title":"Quota Exceeded","status":429,' +
      `"detail":"The limit 1000/hour is used up: 1003 of 1000 as of ${iso(now - 60)}; it resets at ${iso(resetsAt)}.",` +
      '"violated-policies":["hour"]}',
  );
  assert.equal((await get('/x', 'another')).status, 200);
  const head = await get('/x', 'over', { method: 'HEAD' });
  assert.equal(head.status, 429);
  assert.equal(await head.text(), '');
  // Nothing is written to KV: the flag ends by itself.
  await until('200 after the reset', async () => (await get('/x', 'over')).status === 200);
  assert.ok(Date.now() / 1000 >= resetsAt, 'not before');
  const refused = () => receiver.records.filter((record) => record.key === hashOf('over') && record.decision === 'refused');
  await until('refused records', () => refused().length >= 2);
  assert.ok(refused().every((record) => record.status === 429));
  assert.ok(refused().some((record) => record.method === 'HEAD' && record.bytes_out === 0));
  assert.ok(refused().some((record) => record.method === 'GET' && record.bytes_out > 200));
});

test('a key over a limit that warns is served and told', async () => {
  const resetsAt = seconds() + 600;
  await flagged('warned', { action: 'warn', window: 'day', measure: 'bytes_out', quota: 2 ** 30, used: 2 ** 30 + 1, as_of: 1764140000, resets_at: resetsAt }, 200);
  const response = await get('/x', 'warned');
  assert.equal(
    response.headers.get('counterfoil-warning'),
    `limit="1GiB/day", used=1073741825, quota=1073741824, as-of=@1764140000, resets-at=@${resetsAt}`,
  );
  assert.equal(response.headers.get('ratelimit-policy'), '"day-bytes-warn";q=1073741824;qu="content-bytes";w=86400');
  assert.match(response.headers.get('ratelimit'), /^"day-bytes-warn";r=0;t=(600|59\d);counterfoil-asof=1764140000$/);
  assert.equal(response.headers.get('retry-after'), null);
  await until('a warned record', () => receiver.records.some((record) => record.decision === 'warned' && record.status === 200));
  const forbidden = await get('/forbidden', 'warned');
  assert.equal(forbidden.headers.get('counterfoil-warning'), null, 'as our edge: who may not is not warned');
});

test('of several flags the sternest decides, and all are told', async () => {
  const entry = (more) => ({ window: 'hour', measure: 'requests', quota: 10, used: 12, as_of: 1764140000, resets_at: seconds() + 100, ...more });
  const flags = {
    [hashOf('several')]: [
      entry({ action: 'warn' }),
      entry({ action: 'refuse', window: 'period', measure: 'units', quota: 5, used: 5, resets_at: seconds() + 900 }),
      entry({ action: 'refuse', window: 'day', scope: 'account' }),
      entry({ action: 'refuse', window: 'hour', measure: 'bytes_out', resets_at: seconds() - 1 }),
      entry({ action: 'notify' }),
    ],
  };
  await worker.flags.put(FLAGS, JSON.stringify({ format: 'counterfoil-flags/1', version: ++version, shard: 0, shards: 1, flags }));
  await until('429', async () => (await get('/x', 'several')).status === 429);
  const response = await get('/x', 'several');
  assert.equal(
    response.headers.get('ratelimit-policy'),
    '"hour-warn";q=10;w=3600, "period-units";q=5;qu="counterfoil-units", "day-account";q=10;w=86400',
  );
  assert.ok(Number(response.headers.get('retry-after')) > 890, 'the last to reset');
  const problem = await response.json();
  assert.deepEqual(problem['violated-policies'], ['period-units']);
  assert.match(problem.detail, /^The limit 5units\/period is used up: 5units of 5units as of /);
});

test('a preflight needs no key; one that has a key is judged by it', async () => {
  const plain = await startWorker({
    script: 'test/fixtures/wrapped.mjs',
    bindings: { COUNTERFOIL_COLLECTOR: receiver.url, COUNTERFOIL_REQUIRE_KEY: 'true', PLAIN: 'true' },
  });
  try {
    await plain.flags.put(FLAGS, flagsDocument('preflighted', { as_of: seconds(), resets_at: seconds() + 600 }));
    const preflight = { Origin: 'https://page.example', 'Access-Control-Request-Method': 'GET' };
    const ask = async (headers) => (await fetch(new URL('/x', plain.url), { method: 'OPTIONS', headers })).status;
    assert.equal(await ask(preflight), 200);
    assert.equal(await ask({}), 401, 'no preflight');
    await until('429', async () => (await ask({ ...preflight, 'X-Api-Key': 'preflighted' })) === 429);
    assert.equal(await ask({ ...preflight, Authorization: 'Bearer preflighted' }), 429);
    assert.equal(await ask({ ...preflight, 'X-Api-Key': 'k'.repeat(513) }), 401);
    await until('it counts', () => receiver.records.some((record) => record.key === hashOf('preflighted') && record.method === 'OPTIONS'));
  } finally {
    await plain.stop();
  }
});

test('two keys that differ are answered as by our edge, also where no key is required', async () => {
  const plain = await startWorker({ script: 'test/fixtures/wrapped.mjs', bindings: { COUNTERFOIL_COLLECTOR: receiver.url, PLAIN: 'true' } });
  try {
    await plain.flags.put(FLAGS, flagsDocument('twice', { as_of: seconds(), resets_at: seconds() + 600 }));
    const ask = (headers) => fetch(new URL('/twice', plain.url), { headers });
    await until('429', async () => (await ask({ 'X-Api-Key': 'twice' })).status === 429);
    for (const headers of [
      { 'X-Api-Key': 'twice', Authorization: 'Bearer x' },
      { 'X-Api-Key': 'x', Authorization: 'Bearer twice' },
      { 'X-Api-Key': '', Authorization: 'Bearer twice' },
    ]) {
      const response = await ask(headers);
      assert.equal(response.status, 401, JSON.stringify(headers));
      assert.equal((await response.json()).title, 'Unauthorized');
    }
    for (const headers of [
      { 'X-Api-Key': 'twice', Authorization: 'Bearer twice' },
      { 'X-Api-Key': 'twice', Authorization: 'Bearer ' },
      { 'X-Api-Key': 'twice', Authorization: 'Basic eDp5' },
    ]) {
      assert.equal((await ask(headers)).status, 429, JSON.stringify(headers));
    }
    assert.equal((await ask({})).status, 200);
    await until('their records', () => receiver.records.filter((record) => record.status === 401 && record.path === '-' && record.decision === 'unauthorized' && !record.key).length === 3);
  } finally {
    await plain.stop();
  }
});

test('a document that is none, or older, or absent', async () => {
  await flagged('kept', { as_of: seconds(), resets_at: seconds() + 600 }, 429);
  await worker.flags.put(FLAGS, '{"format":"counterfoil-flags/2","flags":{}}');
  await until('the format is told', async () => {
    await get('/x', 'kept');
    return worker.output().includes("are of format 'counterfoil-flags/2', expected 'counterfoil-flags/1'");
  });
  assert.equal((await get('/x', 'kept')).status, 429, 'the last good one is held');
  await worker.flags.put(FLAGS, 'not JSON');
  await until('it is told', async () => {
    await get('/x', 'kept');
    return /cannot be read, going by what is known/.test(worker.output());
  });
  assert.equal((await get('/x', 'kept')).status, 429);
  await worker.flags.put(FLAGS, flagsDocument('other', { as_of: 1, resets_at: seconds() + 600 }, version - 1));
  for (let i = 0; i < 10; i++) {
    assert.equal((await get('/x', 'kept')).status, 429, 'a lower version is a late copy');
  }
  const strange = { [hashOf('kept')]: 'no list', [hashOf('other')]: [null] };
  await worker.flags.put(FLAGS, JSON.stringify({ format: 'counterfoil-flags/1', version: ++version, flags: strange }));
  await until('what is no flag holds nobody back', async () => (await get('/x', 'kept')).status === 200);
  assert.equal((await get('/x', 'other')).status, 200);
  assert.equal((await get('/x', 'constructor')).status, 200);
  await flagged('kept', { as_of: seconds(), resets_at: seconds() + 600 }, 429);
  await worker.flags.delete(FLAGS);
  await until('no document, no flags', async () => (await get('/x', 'kept')).status === 200);
});

test('a lower version is believed once it is no late copy', async () => {
  const restored = await startWorker({ script: 'test/fixtures/wrapped.mjs', bindings: { COUNTERFOIL_COLLECTOR: receiver.url } });
  try {
    const status = async (more) => (await fetch(new URL('/x', restored.url), { headers: { 'X-Api-Key': 'restored', ...more } })).status;
    await restored.flags.put(FLAGS, flagsDocument('restored', { as_of: 1, resets_at: seconds() + 6_000 }, 900));
    await until('429', async () => (await status()) === 429);
    await restored.flags.put(FLAGS, flagsDocument('another', { as_of: 1, resets_at: seconds() + 6_000 }, 3));
    for (let i = 0; i < 5; i++) {
      assert.equal(await status(), 429);
    }
    await status({ 'X-Fault': 'five minutes on' });
    await until('200', async () => (await status()) === 200);
  } finally {
    await restored.stop();
  }
});

test('with REQUIRE_KEY who has no key is answered as by our edge', async () => {
  const strict = await startWorker({
    script: 'test/fixtures/wrapped.mjs',
    bindings: { COUNTERFOIL_COLLECTOR: receiver.url, COUNTERFOIL_REQUIRE_KEY: 'true', COUNTERFOIL_RATE_LIMIT_FIELDS: 'off' },
  });
  try {
    const response = await fetch(new URL('/x', strict.url));
    assert.equal(response.status, 401);
    assert.equal(response.headers.get('www-authenticate'), 'Bearer');
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    assert.deepEqual(await response.json(), {
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail: "A valid API key is needed: 'Authorization: Bearer KEY' or 'X-API-Key: KEY'.",
    });
    await until('its record', () => receiver.records.some((record) => record.status === 401 && record.decision === 'unauthorized'));
    assert.equal((await fetch(new URL('/x', strict.url), { headers: { 'X-Api-Key': 'any' } })).status, 200);
    await strict.flags.put(FLAGS, flagsDocument('any', { as_of: 1, resets_at: seconds() + 600 }));
    await until('429', async () => (await fetch(new URL('/x', strict.url), { headers: { 'X-Api-Key': 'any' } })).status === 429);
    const refused = await fetch(new URL('/x', strict.url), { headers: { 'X-Api-Key': 'any' } });
    assert.equal(refused.headers.get('ratelimit'), null);
    assert.ok(refused.headers.get('retry-after'));
  } finally {
    await strict.stop();
  }
});

test('documents in shards are found by the top bits of the hash', async () => {
  const sharded = await startWorker({
    script: 'test/fixtures/wrapped.mjs',
    bindings: { COUNTERFOIL_COLLECTOR: receiver.url, COUNTERFOIL_SHARDS: '8' },
  });
  try {
    const keys = Array.from({ length: 20 }, (_, i) => `shard-key-${i}`);
    for (let shard = 0; shard < 8; shard++) {
      const flags = Object.fromEntries(
        keys
          .map(hashOf)
          // The first hexadecimal digit has 4 bits; 8 shards are told apart by 3.
          .filter((hash) => Math.floor(parseInt(hash[0], 16) / 2) === shard)
          .map((hash) => [hash, [{ action: 'refuse', window: 'hour', measure: 'requests', quota: 1, used: 1, as_of: 1, resets_at: seconds() + 600 }]]),
      );
      await sharded.flags.put(`${FLAGS}.${shard}`, JSON.stringify({ format: 'counterfoil-flags/1', version: 1, shard, shards: 8, flags }));
    }
    for (const key of keys) {
      assert.equal((await fetch(new URL('/x', sharded.url), { headers: { 'X-Api-Key': key } })).status, 429, key);
    }
  } finally {
    await sharded.stop();
  }
});

test('a flag of which not all can be told is none: its key is served and counted as admitted', async () => {
  const whole = { action: 'refuse', window: 'hour', measure: 'requests', quota: 10, used: 12, as_of: 1764140000, resets_at: seconds() + 600 };
  const damaged = [{ as_of: undefined }, { as_of: 'now' }, { used: null }, { resets_at: 1e15 }, { as_of: 1e15 }, { window: 'a\nb' }, { measure: 'toString' }];
  const flags = Object.fromEntries(damaged.map((more, i) => [hashOf(`damaged-${i}`), [{ ...whole, ...more }]]));
  flags[hashOf('whole')] = [whole];
  await worker.flags.put(FLAGS, JSON.stringify({ format: 'counterfoil-flags/1', version: ++version, shard: 0, shards: 1, flags }));
  await until('429', async () => (await get('/x', 'whole')).status === 429);
  for (const i of damaged.keys()) {
    assert.equal((await get('/x', `damaged-${i}`)).status, 200, JSON.stringify(damaged[i]));
    const mine = () => receiver.records.filter((record) => record.key === hashOf(`damaged-${i}`));
    await until('its record', () => mine().length === 1);
    assert.deepEqual([mine()[0].status, mine()[0].decision], [200, 'admitted']);
  }
  assert.match(worker.output(), /a flag is not as counterfoil-flags\/1 has it/);
});

test('variables may be booleans and numbers, and what is not taken is told once', async () => {
  const start = (bindings) => startWorker({ script: 'test/fixtures/wrapped.mjs', bindings: { COUNTERFOIL_COLLECTOR: receiver.url, ...bindings } });
  const strict = await start({ COUNTERFOIL_REQUIRE_KEY: true, COUNTERFOIL_SHARDS: 2 });
  const damaged = await start({ COUNTERFOIL_REQUIRE_KEY: 'yes', COUNTERFOIL_SHARDS: 3, COUNTERFOIL_BATCH_RECORDS: 'many', COUNTERFOIL_MAX_WAITING: 5000 });
  try {
    assert.equal((await fetch(new URL('/x', strict.url))).status, 401);
    const shards = () => [0, 1].map((n) => `there are no flags '${FLAGS}.${n}': push-flags has not run, or not with 2 shards`);
    await until('flags that are not there are told', async () => {
      await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => fetch(new URL('/x', strict.url), { headers: { 'X-Api-Key': key } })));
      return shards().every((line) => strict.output().includes(line));
    });
    assert.equal(/ is none of | is no whole number/.test(strict.output()), false, strict.output());
    await damaged.flags.put(FLAGS, JSON.stringify({ format: 'counterfoil-flags/1', version: 1, shard: 0, shards: 4, flags: {} }));
    for (let i = 0; i < 3; i++) {
      assert.equal((await fetch(new URL('/x', damaged.url), { headers: { 'X-Api-Key': 'a' } })).status, 200);
    }
    const lines = [
      'COUNTERFOIL_REQUIRE_KEY is none of false, true; taken as false',
      'COUNTERFOIL_SHARDS is none of 1, 2, 4, 8, 16, 32, 64, 128, 256; taken as 1',
      'COUNTERFOIL_BATCH_RECORDS is no whole number from 1 to 5000; taken as 100',
      'COUNTERFOIL_MAX_WAITING is no whole number from 1 to 1000; taken as 1000',
      `flags '${FLAGS}' are not shard 0 of 1`,
    ];
    await until('all are told', () => lines.every((line) => damaged.output().includes(line)));
    assert.ok(lines.every((line) => damaged.output().split(line).length === 2), damaged.output());
  } finally {
    await strict.stop();
    await damaged.stop();
  }
});
