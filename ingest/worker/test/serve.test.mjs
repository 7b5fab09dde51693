import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Receiver } from './lib/receiver.mjs';
import { flagsDocument, until } from './lib/until.mjs';

const SERVE = path.join(path.dirname(fileURLToPath(import.meta.url)), 'serve.mjs');

test('serve.mjs serves the Worker until its standard input ends', async () => {
  const receiver = await Receiver.start();
  const environment = { ...process.env, COUNTERFOIL_COLLECTOR: receiver.url, COUNTERFOIL_TOKEN: 'a-token', COUNTERFOIL_REQUIRE_KEY: 'true' };
  const child = spawn(process.execPath, [SERVE, '--queue', '--data'], { env: environment, stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const { port, admin } = JSON.parse(line);
    const at = (where, rest) => `http://127.0.0.1:${where}${rest}`;
    assert.equal((await fetch(at(admin, '/data/v1/x'), { method: 'PUT', body: '[]', headers: { 'Content-Type': 'text/x' } })).status, 204);
    const found = await fetch(at(port, '/v1/x'), { headers: { 'X-Api-Key': 'of-serve' } });
    assert.equal(found.headers.get('content-type'), 'text/x');
    assert.equal((await fetch(at(port, '/v1/x'))).status, 401);
    await until('records through the queue', () => receiver.records.length === 2);
    assert.equal(receiver.posts[0].authorization, 'Bearer a-token');
    assert.equal((await fetch(at(admin, '/kv/counterfoil-flags'))).status, 404);
    const document = flagsDocument('of-serve', { as_of: 1, resets_at: Date.now() / 1000 + 600 });
    assert.equal((await fetch(at(admin, '/kv/counterfoil-flags'), { method: 'PUT', body: document })).status, 204);
    assert.equal(await (await fetch(at(admin, '/kv/counterfoil-flags'))).text(), document);
    await until('429', async () => (await fetch(at(port, '/v1/x'), { headers: { 'X-Api-Key': 'of-serve' } })).status === 429);
    child.stdin.end();
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
  } finally {
    child.kill();
    await receiver.stop();
  }
});
