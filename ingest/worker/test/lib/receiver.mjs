import assert from 'node:assert/strict';
import http from 'node:http';

/** What the collector takes: the forms of the edge's RecordLines.java. Anything else is a reject there, and nobody is billed for it. */
const number = (most, least = 0) => (value) => Number.isInteger(value) && value >= least && value <= most;
const form = (pattern) => (value) => typeof value === 'string' && pattern.test(value) && !looksLikeKey(value);
const MEASURE = number(2 ** 44 - 1);
const FORMS = {
  ts_us: number(253_402_300_800_000_000),
  status: number(999, 100),
  key: (value) => /^[0-9a-f]{64}$/.test(value),
  route: (value) => form(/^[a-z0-9._-]{1,64}$/)(value) && !value.startsWith('counterfoil.'),
  method: form(/^(-|[A-Za-z][A-Za-z_-]{0,31})$/),
  path: (value) => typeof value === 'string',
  bytes_in: MEASURE,
  bytes_out: MEASURE,
  duration_us: MEASURE,
  units: MEASURE,
  decision: (value) => ['admitted', 'warned', 'refused', 'unauthorized', 'unrouted'].includes(value),
  request_id: (value) => typeof value === 'string',
  client: form(/^([0-9a-fA-F:.]{2,45}(\/\d{1,3})?)?$/),
};

function looksLikeKey(text) {
  const isKey = (run) => run.length >= 32 || (run.length >= 20 && /^(cfk|sk|pk|ak)_/.test(run));
  return text.split(/[^A-Za-z0-9_]/).some((run) => /[A-Za-z]/.test(run) && /[0-9]/.test(run) && isKey(run));
}

/** The members for which a record is none; undefined where it is one. */
function wrong(record) {
  const names = Object.keys(FORMS).filter((name) => (name in record || name === 'ts_us' || name === 'status') && !FORMS[name](record[name]));
  return names.length > 0 ? names.join(', ') : undefined;
}

/**
 * A collector of the test's own, on loopback: keeps every post as it came, counts each batch once by its identity, and answers as it is
 * told, so that a test can make it slow, absent or forgetful. A record that the collector would reject fails the test at the end.
 */
export class Receiver {
  /** Every post, also those that were answered with a fault: {instance, batch, authorization, headers, body}. */
  posts = [];
  /** Why records were none, with them. */
  rejects = [];
  /** Identity to records, of what was taken. */
  taken = new Map();
  /** What to answer; `undefined` is to take it. May be a promise, may be `{status, headers}`, or 'lost': taken, but the answer is not. */
  answer = () => undefined;

  static async start(port = 0) {
    const receiver = new Receiver();
    receiver.server = http.createServer((request, response) => receiver.#take(request, response));
    await new Promise((resolve, reject) => receiver.server.once('error', reject).listen(port, '127.0.0.1', resolve));
    receiver.port = receiver.server.address().port;
    return receiver;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async #take(request, response) {
    const parts = [];
    for await (const part of request) {
      parts.push(part);
    }
    const body = Buffer.concat(parts).toString('utf8');
    const { 'counterfoil-instance': instance, 'counterfoil-batch': batch, authorization } = request.headers;
    const post = { instance, batch: Number(batch), authorization, headers: request.headers, url: request.url, body };
    this.posts.push(post);
    const fault = await this.answer(post);
    if (fault && fault !== 'lost') {
      response.writeHead(fault.status, fault.headers ?? {}).end(fault.body ?? '{}');
      return;
    }
    const identity = `${instance}/${batch}`;
    const duplicate = this.taken.has(identity);
    const lines = body.trimEnd().split('\n').map((line) => JSON.parse(line));
    const records = lines.filter((record) => wrong(record) === undefined);
    const rejects = lines.map((record, i) => ({ line: i + 1, reason: wrong(record), record })).filter((each) => each.reason);
    this.rejects.push(...rejects);
    this.taken.set(identity, records);
    if (fault === 'lost') {
      request.socket.destroy();
      return;
    }
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ records: records.length, rejects: rejects.map(({ line, reason }) => ({ line, reason })), duplicate }));
  }

  /** Records of batches that were taken, each batch once. */
  get records() {
    return [...this.taken.values()].flat();
  }

  /** Numbers missing below the highest that was taken, by instance. */
  gaps() {
    const byInstance = new Map();
    for (const identity of this.taken.keys()) {
      const [instance, batch] = identity.split('/');
      byInstance.set(instance, [...(byInstance.get(instance) ?? []), Number(batch)]);
    }
    return [...byInstance].flatMap(([instance, numbers]) =>
      Array.from({ length: Math.max(...numbers) }, (_, i) => i + 1)
        .filter((number) => !numbers.includes(number))
        .map((number) => `${instance}/${number}`),
    );
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    assert.deepEqual(this.rejects, [], 'the collector would have rejected these');
  }
}
