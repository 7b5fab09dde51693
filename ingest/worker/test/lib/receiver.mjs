import http from 'node:http';

/**
 * A collector of the test's own, on loopback: keeps every post as it came, counts each batch once by its identity, and answers as it is
 * told, so that a test can make it slow, absent or forgetful.
 */
export class Receiver {
  /** Every post, also those that were answered with a fault: {instance, batch, authorization, headers, body}. */
  posts = [];
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
    const records = body.trimEnd().split('\n').map((line) => JSON.parse(line));
    this.taken.set(identity, records);
    if (fault === 'lost') {
      request.socket.destroy();
      return;
    }
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ records: records.length, rejects: [], duplicate }));
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

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
