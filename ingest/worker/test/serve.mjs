import http from 'node:http';

/**
 * The Worker in workerd for a test in another language: on 127.0.0.1, until standard input ends or `POST /stop`.
 *
 *   COUNTERFOIL_COLLECTOR=http://127.0.0.1:8083 COUNTERFOIL_TOKEN=… node test/serve.mjs [--queue] [--data] [--script FILE] [--port N]
 *
 * Every COUNTERFOIL_… and ORIGIN of the environment becomes a variable of the Worker; unless they say otherwise a batch
 * is 50 ms old at most and flags are read anew beside every request. The first line of standard output is
 * `{"port":…,"admin":…}`, or `{"skipped":"why"}` and exit code 0 where miniflare is not installed
 * or Node is too old. `admin` answers:
 *
 *   PUT, GET, DELETE /kv/KEY      the flags' namespace (COUNTERFOIL_FLAGS)
 *   PUT /data/KEY                 the namespace DATA, with the Content-Type it is put with
 *   GET /output                   what the Worker and its runtime wrote
 *   POST /stop
 */
const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.log(JSON.stringify({ skipped: `Node 20 or newer is needed, this is ${process.versions.node}` }));
  process.exit(0);
}
let startWorker;
try {
  ({ startWorker } = await import('./lib/worker.mjs'));
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') {
    throw error;
  }
  console.log(JSON.stringify({ skipped: 'miniflare is not installed: (cd ingest/worker && npm ci)' }));
  process.exit(0);
}

const bindings = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => name.startsWith('COUNTERFOIL_') || name === 'ORIGIN'),
);
const worker = await startWorker({
  script: option('--script'),
  port: Number(option('--port') ?? 0),
  queue: process.argv.includes('--queue'),
  kvNamespaces: process.argv.includes('--data') ? { DATA: 'data' } : {},
  bindings,
});
const namespaces = {
  kv: worker.flags,
  data: process.argv.includes('--data') ? await worker.miniflare.getKVNamespace('DATA') : undefined,
};

async function administer(request) {
  if (request.method === 'POST' && request.url === '/stop') {
    setImmediate(stop);
    return [204];
  }
  if (request.method === 'GET' && request.url === '/output') {
    return [200, worker.output()];
  }
  const [, space, name] = /^\/(kv|data)\/(.+)$/.exec(request.url) ?? [];
  const namespace = namespaces[space];
  if (!namespace) {
    return [404];
  }
  const key = decodeURIComponent(name);
  if (request.method === 'PUT') {
    const parts = [];
    for await (const part of request) {
      parts.push(part);
    }
    await namespace.put(key, new Uint8Array(Buffer.concat(parts)).buffer, { metadata: { contentType: request.headers['content-type'] } });
    return [204];
  }
  if (request.method === 'DELETE') {
    await namespace.delete(key);
    return [204];
  }
  const value = await namespace.get(key);
  return value === null ? [404] : [200, value];
}

const admin = http.createServer(async (request, response) => {
  try {
    const [status, body] = await administer(request);
    response.writeHead(status).end(body);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});

let stopping = false;
async function stop() {
  if (!stopping) {
    stopping = true;
    await worker.stop();
    process.exit(0);
  }
}

await new Promise((resolve) => admin.listen(0, '127.0.0.1', resolve));
process.stdin.resume().on('end', stop).on('close', stop);
process.on('SIGTERM', stop);
console.log(JSON.stringify({ port: Number(worker.url.port), admin: admin.address().port }));
