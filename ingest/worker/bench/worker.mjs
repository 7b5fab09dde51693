import { DurableObject } from 'cloudflare:workers';
import { counterfoil } from '../counterfoil.mjs';

const BODY = JSON.stringify({ items: Array.from({ length: 20 }, (_, id) => ({ id, name: `item ${id}` })) });

/** The Worker that is measured: it answers from memory, so that what is added stands out. */
const plain = {
  fetch() {
    return new Response(BODY, { headers: { 'Content-Type': 'application/json' } });
  },
};

/** A count for one key, held by one object; its answer leaves when the count is on disk. */
export class Counter extends DurableObject {
  async add() {
    const count = ((await this.ctx.storage.get('count')) ?? 0) + 1;
    await this.ctx.storage.put('count', count);
    return count;
  }

  /** The same without a disk: gone when the object is. */
  count = 0;

  remember() {
    return ++this.count;
  }

  async read() {
    return ((await this.ctx.storage.get('count')) ?? 0) + this.count;
  }
}

/** Asks the key's object before it answers, as a synchronous limit does. */
const counting = {
  async fetch(request, env, ctx) {
    const counter = env.COUNTERS.get(env.COUNTERS.idFromName(request.headers.get('x-api-key')));
    if (new URL(request.url).pathname === '/count') {
      return Response.json(await counter.read());
    }
    await (env.WAY === 'remembering' ? counter.remember() : counter.add());
    return plain.fetch(request, env, ctx);
  },
};

const logging = counterfoil(plain);

export default {
  fetch: (request, env, ctx) => ({ nothing: plain, logging, remembering: counting, counting })[env.WAY].fetch(request, env, ctx),
};
