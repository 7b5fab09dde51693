import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Receiver } from '../test/lib/receiver.mjs';
import { startWorker } from '../test/lib/worker.mjs';

/**
 * Would Durable Objects make a Worker slower? The same Worker with nothing, with waitUntil logging, and with a Durable Object counter per
 * key that is awaited, in its memory and on its disk; in workerd on loopback, in turns, bounded. Writes RESULTS.md beside it.
 *
 *   npm run bench [-- --rounds 5 --requests 4000]
 */
const FOLDER = path.dirname(fileURLToPath(import.meta.url));
const WAYS = ['nothing', 'logging', 'remembering', 'counting'];
const KEYS = 50;
const option = (name, otherwise) =>
  Number(process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : otherwise);
const ROUNDS = Math.min(10, option('--rounds', 5));
const REQUESTS = Math.min(20_000, option('--requests', 4_000));

if (process.argv[2] === 'collector') {
  const receiver = await Receiver.start();
  process.send(receiver.port);
  process.on('message', () => process.send([receiver.records.length, receiver.gaps().length]));
  process.on('disconnect', () => process.exit(0));
} else {
  await measure();
}

async function measure() {
  // The collector has a process of its own: its work must not be the client's.
  const collector = fork(fileURLToPath(import.meta.url), ['collector']);
  const [port] = await once(collector, 'message');
  const workers = {};
  for (const way of WAYS) {
    workers[way] = await startWorker({
      script: 'bench/worker.mjs',
      bindings: { WAY: way, COUNTERFOIL_COLLECTOR: `http://127.0.0.1:${port}`, COUNTERFOIL_BATCH_AGE_MS: '1000', COUNTERFOIL_FLAGS_TTL_SECONDS: '30' },
      durableObjects: { COUNTERS: { className: 'Counter', useSQLite: true } },
    });
    await workers[way].flags.put('counterfoil-flags', '{"format":"counterfoil-flags/1","version":1,"shard":0,"shards":1,"flags":{}}');
    await load(workers[way], 500, 16);
  }
  const load1 = os.loadavg()[0];
  const measured = { 1: {}, 16: {} };
  for (const connections of [1, 16]) {
    const requests = connections === 1 ? Math.ceil(REQUESTS / 4) : REQUESTS;
    for (let round = 0; round < ROUNDS; round++) {
      // Each round begins with another, so that none is always the one after an idle moment.
      for (let i = 0; i < WAYS.length; i++) {
        const way = WAYS[(round + i) % WAYS.length];
        const figures = await load(workers[way], requests, connections);
        (measured[connections][way] ??= []).push(figures);
        console.log(connections, round, way, text(figures));
      }
    }
  }
  const sent = 500 + ROUNDS * (REQUESTS + Math.ceil(REQUESTS / 4));
  const counts = [await counted(workers.remembering), await counted(workers.counting)];
  const bytes = (await get(workers.nothing.url, undefined, 'bench-key-0')).length;
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  collector.send('count');
  const [[records, gaps]] = await once(collector, 'message');
  await Promise.all(WAYS.map((way) => workers[way].stop()));
  collector.disconnect();
  report(measured, { sent, records, gaps, counts, load1, bytes });
}

/** So many requests over so many connections, each as soon as the one before is answered. */
async function load(worker, requests, connections) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const took = [];
  let next = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (next < requests) {
        const key = `bench-key-${next++ % KEYS}`;
        const start = performance.now();
        await get(worker.url, agent, key);
        took.push(performance.now() - start);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  took.sort((a, b) => a - b);
  return { p50: took[Math.floor(took.length * 0.5)], p99: took[Math.floor(took.length * 0.99)], rate: requests / seconds };
}

function get(url, agent, key, where = '/') {
  return new Promise((resolve, reject) => {
    http
      .get(new URL(where, url), { agent, headers: { 'X-Api-Key': key } }, (response) => {
        let text = '';
        response.on('data', (part) => (text += part));
        response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`status ${response.statusCode}: ${text}`))));
      })
      .on('error', reject);
  });
}

async function counted(worker) {
  let sum = 0;
  for (let i = 0; i < KEYS; i++) {
    sum += Number(await get(worker.url, undefined, `bench-key-${i}`, '/count'));
  }
  return sum;
}

function text({ p50, p99, rate }) {
  return `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${Math.round(rate)}/s`;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function table(figures) {
  const base = figures.nothing;
  const ratio = (way, what) => median(figures[way].map((each, round) => each[what] / base[round][what])).toFixed(2);
  const names = { nothing: 'nothing', logging: '`waitUntil` logging', remembering: 'an object a key, in memory', counting: 'an object a key, on disk' };
  return [
    '| the same Worker with | p50 | p99 | requests/s | p50, p99, requests/s against nothing |',
    '|---|---|---|---|---|',
    ...WAYS.map((way) => {
      const all = (what, digits) => figures[way].map((each) => each[what].toFixed(digits)).join(', ');
      return `| ${names[way]} | ${all('p50', 2)} ms | ${all('p99', 1)} ms | ${all('rate', 0)} | ${['p50', 'p99', 'rate'].map((what) => ratio(way, what)).join(', ')} |`;
    }),
  ].join('\n');
}

function report(measured, { sent, records, gaps, counts, load1, bytes }) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: FOLDER, encoding: 'utf8' }).trim();
  const requests = Math.ceil(REQUESTS / 4);
  writeFileSync(
    path.join(FOLDER, 'RESULTS.md'),
    `# Would Durable Objects make my Worker slower?

\`npm run bench -- --rounds ${ROUNDS} --requests ${REQUESTS}\` at ${commit}, ${new Date().toISOString().slice(0, 10)}, ${os.cpus().length} processors, load average
${load1.toFixed(1)} at the start: a shared and busy machine. One Worker that answers ${bytes} bytes from memory, in workerd by miniflare on loopback, ${KEYS} keys;
ways in turns; one figure a round, ratios are the median of the rounds'. An object's count is awaited: in its memory, or on its disk.

One connection, ${ROUNDS} × ${requests} requests each (how long one request takes):

${table(measured[1])}

16 connections, ${ROUNDS} × ${REQUESTS} requests each (how many it can do; client, collector and objects share its processors):

${table(measured[16])}

Sent ${sent} requests each way. Records that came: ${records}, gaps: ${gaps}. Counted by the objects: ${counts.join(' in memory, ')} on disk.

## What it says, and what it does not
- The object is next door here: same process, same machine. On Cloudflare's network an object lives in one place, and each request adds the trip
  to that place and back, which no bench on one machine can show.
- The count on disk waits for the disk that others used too. Cloudflare's disks are others; what holds there as well is that the answer
  leaves only once the count is safe. The count in memory has no disk in it, and is gone when the object is: after some idle seconds here.
- One object does one thing at a time. Cloudflare's documentation names a soft limit of 1,000 requests a second for one object
  (Durable Objects, "How much work can a single Durable Object do?"): that is then a key's own limit, where a key has one object.
- \`waitUntil\` costs processor time, beside and after the answer: hashing the key, counting the body, a record, a post every 100 records.
  On two processors that the client shares, the rate shows it. No answer waits for a trip, but that of an isolate's first request, which
  waits for its flags in Workers KV (500 ms at most).
- It does not refuse the very next request over a quota: it refuses once the flag has come back (the README's lag).
`,
  );
  console.log(`written: ${path.join('bench', 'RESULTS.md')}`);
}
