import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Receiver } from './lib/receiver.mjs';
import { hashOf, until } from './lib/until.mjs';
import { startWorker } from './lib/worker.mjs';

let receiver;

before(async () => {
  receiver = await Receiver.start();
});

after(() => receiver.stop());

async function recordOf(key) {
  await until(`a record of ${key}`, () => receiver.records.some((record) => record.key === hashOf(key)));
  return receiver.records.find((record) => record.key === hashOf(key));
}

test('answers from Workers KV', async () => {
  const worker = await startWorker({ bindings: { COUNTERFOIL_COLLECTOR: receiver.url }, kvNamespaces: { DATA: 'data' } });
  try {
    const data = await worker.miniflare.getKVNamespace('DATA');
    await data.put('v1/items/1', '{"id":1}');
    await data.put('straße/é', 'named', { metadata: { contentType: 'text/plain' } });
    const get = (path, key, more = {}) => fetch(new URL(path, worker.url), { headers: { 'X-Api-Key': key, 'Accept-Encoding': 'identity' }, ...more });
    const found = await get('/v1/items/1?x=1', 'data-1');
    assert.equal(found.headers.get('content-type'), 'application/json');
    assert.equal(found.headers.get('content-length'), '8');
    assert.deepEqual(await found.json(), { id: 1 });
    const record = await recordOf('data-1');
    assert.equal(record.path, '/v1/items/1');
    assert.equal(record.bytes_out, 8);
    const named = await get('/stra%C3%9Fe/%C3%A9', 'data-2');
    assert.equal(named.headers.get('content-type'), 'text/plain');
    assert.equal(await named.text(), 'named');
    for (const path of ['/', '/none', '/%', '/%zz', `/${'n'.repeat(600)}`, '/%2E%2E', '/%2E']) {
      const missing = await get(path, 'data-3');
      assert.equal(missing.status, 404, path);
      assert.equal(missing.headers.get('content-type'), 'application/problem+json');
      assert.equal((await missing.json()).detail, 'There is no document of this key.');
    }
    const posted = await get('/v1/items/1', 'data-4', { method: 'POST', body: 'x' });
    assert.equal(posted.status, 405);
    assert.equal(posted.headers.get('allow'), 'GET, HEAD');
    const head = await get('/v1/items/1', 'data-5', { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal((await recordOf('data-5')).bytes_out, 0);
  } finally {
    await worker.stop();
  }
});

test('pages of the origins that are set may read answers, refusals too', async () => {
  const worker = await startWorker({
    bindings: { COUNTERFOIL_COLLECTOR: receiver.url, COUNTERFOIL_REQUIRE_KEY: 'true', COUNTERFOIL_CORS_ORIGINS: 'https://page.example, https://b.example' },
    kvNamespaces: { DATA: 'data' },
  });
  try {
    const get = (origin, more = {}) => fetch(worker.url, { ...more, headers: { Origin: origin, ...more.headers } });
    const refused = await get('https://page.example');
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get('access-control-allow-origin'), 'https://page.example');
    assert.equal(refused.headers.get('access-control-expose-headers'), 'RateLimit-Policy, RateLimit, Counterfoil-Warning, Retry-After');
    assert.equal(refused.headers.get('vary'), 'Origin');
    assert.equal((await get('https://evil.example')).headers.get('access-control-allow-origin'), null);
    const preflight = await get('https://b.example', { method: 'OPTIONS', headers: { 'Access-Control-Request-Method': 'GET' } });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-origin'), 'https://b.example');
    assert.equal(preflight.headers.get('access-control-allow-methods'), 'GET, HEAD');
  } finally {
    await worker.stop();
  }
});

test('answers from an origin, as it says it', async () => {
  const seen = [];
  const origin = http.createServer((request, response) => {
    seen.push(request);
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      if (request.url.startsWith('/base/moved')) {
        response.writeHead(302, { Location: '/elsewhere' }).end();
      } else if (request.url.startsWith('/base/large')) {
        response.writeHead(200, { 'Content-Length': '300000', 'Content-Type': 'application/octet-stream' }).end('l'.repeat(300_000));
      } else if (request.url.startsWith('/base/packed')) {
        response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Type': 'text/plain' }).end(gzipSync('p'.repeat(9000)));
      } else {
        response.writeHead(201, { 'Counterfoil-Units': '3', 'Content-Type': 'text/plain' }).end(`${request.method} ${Buffer.concat(parts)}`);
      }
    });
  });
  await new Promise((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const worker = await startWorker({
    bindings: { COUNTERFOIL_COLLECTOR: receiver.url, ORIGIN: `http://127.0.0.1:${origin.address().port}/base/` },
  });
  try {
    const posted = await fetch(new URL('/made?q=%20x', worker.url), {
      method: 'POST',
      headers: { Authorization: 'Bearer origin-1' },
      body: 'the body',
    });
    assert.equal(posted.status, 201);
    assert.equal(posted.headers.get('counterfoil-units'), null);
    assert.equal(await posted.text(), 'POST the body');
    assert.equal(seen[0].url, '/base/made?q=%20x');
    assert.equal(seen[0].headers.authorization, 'Bearer origin-1', 'the origin goes on checking keys');
    const record = await recordOf('origin-1');
    assert.deepEqual([record.status, record.units, record.bytes_in, record.bytes_out], [201, 3, 8, 13]);
    const moved = await fetch(new URL('/moved', worker.url), { redirect: 'manual', headers: { 'X-Api-Key': 'origin-2' } });
    assert.equal(moved.status, 302);
    assert.equal(moved.headers.get('location'), '/elsewhere');
    const packed = await fetch(new URL('/packed', worker.url), { headers: { 'X-Api-Key': 'origin-3' } });
    assert.equal(await packed.text(), 'p'.repeat(9000));
    assert.ok((await recordOf('origin-3')).bytes_out < 200, 'as the origin sent it');
    const large = await fetch(new URL('/large', worker.url), { headers: { 'X-Api-Key': 'origin-5', 'Accept-Encoding': 'identity' } });
    assert.equal(large.headers.get('content-length'), '300000', "an origin's length stays");
    assert.equal((await large.text()).length, 300_000);
    assert.equal((await recordOf('origin-5')).bytes_out, 300_000);
    origin.closeAllConnections();
    await new Promise((resolve) => origin.close(resolve));
    const away = await fetch(new URL('/away', worker.url), { headers: { 'X-Api-Key': 'origin-4' } });
    assert.equal(away.status, 502);
    assert.equal((await away.json()).title, 'Bad Gateway');
    assert.equal((await recordOf('origin-4')).status, 502);
  } finally {
    await worker.stop();
    origin.close();
  }
});

test('an answer that cannot be built anew is passed on with its body', async () => {
  const origin = http.createServer((request, response) => response.writeHead(799).end('of a status that is none'));
  await new Promise((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const worker = await startWorker({
    script: 'test/fixtures/wrapped.mjs',
    bindings: { COUNTERFOIL_COLLECTOR: receiver.url, ORIGIN: `http://127.0.0.1:${origin.address().port}/` },
  });
  try {
    // Miniflare itself passes no such status on: it is looked at before.
    const seen = await fetch(new URL('/origin', worker.url), { headers: { 'X-Api-Key': 'origin-6', 'X-Fault': 'looked at' } });
    assert.deepEqual(await seen.json(), { status: 799, text: 'of a status that is none' });
    assert.equal((await recordOf('origin-6')).status, 799);
  } finally {
    await worker.stop();
    origin.close();
  }
});

test('with neither, it says so', async () => {
  const worker = await startWorker({ bindings: { COUNTERFOIL_COLLECTOR: receiver.url } });
  try {
    assert.equal((await fetch(worker.url)).status, 500);
    await until('it is told', () => worker.output().includes('neither ORIGIN nor DATA is set'));
  } finally {
    await worker.stop();
  }
});
