/*
 * Counterfoil's edge as one Cloudflare Worker module, without dependencies. Every request becomes a record; records go to the collector
 * in numbered batches after the answers, so no request waits for them. Keys over a limit are warned or refused by one document in
 * Workers KV. A failure in here never fails a request: it is passed on uncounted or unflagged, and told by console.error.
 *
 *   import { counterfoil } from './counterfoil.mjs';            around a Worker that is there already
 *   export default counterfoil({ async fetch(request, env, ctx) { … } });
 *
 * or this file as the whole Worker, answering from env.ORIGIN or env.DATA. README.md has the settings and what can be lost.
 */

// ---------------------------------------------------------------------------------------------------------------- settings

const MAX_KEY_BYTES = 512;
const MAX_PATH = 256;
/** The collector takes no record with a larger number. */
const MAX_MEASURE = 2 ** 44 - 1;
/** A queue's message holds 128 KB; as JSON a batch of this size stays below it, with every quote escaped. */
const MAX_BATCH_BYTES = 60_000;
/** What waitUntil may take after the answer is 30 s; a batch may have waited before it is sent. */
const SEND_WITHIN_MS = 22_000;
const TRY_WITHIN_MS = 8_000;
const ENQUEUE_WITHIN_MS = 5_000;
const BACKOFF_MS = [500, 4_000];
/** The runtime lets nothing go on for longer after an answer. */
const ENDED_AFTER_MS = 30_000;
const PARKED_AT_ONCE = 10;
/** How long a lower version of the flags document is held for a late copy: KV's are a minute or so behind. */
const LATE_COPY_MS = 300_000;
/** Tells our messages in a queue from others. */
const MESSAGE_FORMAT = 'counterfoil-records/1';
/** The end of the year 9999. */
const MAX_SECONDS = 253_402_300_799;
/** A flag's windows and measures, and what a policy says of them. */
const WINDOWS = { hour: ';w=3600', day: ';w=86400', period: '' };
const MEASURES = { requests: '', units: ';qu="counterfoil-units"', bytes_out: ';qu="content-bytes"' };
const MAX_STRUCTURED_INTEGER = 999_999_999_999_999;
const RETRY_JITTER_SECONDS = 10;
const FIRST_PART_BYTES = 16_384;
const PART_BYTES = 131_072;
const MAX_WHOLE_BYTES = 65_536;

/** Settings by the environment object they were read from: read once, not at each request. */
const settingsOf = new WeakMap();

function settings(env) {
  let known = settingsOf.get(env);
  if (!known) {
    const count = (name, otherwise, least, most) => countOf(`COUNTERFOIL_${name}`, env, otherwise, least, most);
    known = {
      collector: text(env.COUNTERFOIL_COLLECTOR).replace(/(\/v1\/records)?\/*$/, ''),
      token: text(env.COUNTERFOIL_TOKEN),
      requireKey: oneOf('COUNTERFOIL_REQUIRE_KEY', env, ['false', 'true']) === 'true',
      batchRecords: count('BATCH_RECORDS', 100, 1, 5_000),
      batchAgeMs: count('BATCH_AGE_MS', 1_000, 0, 5_000),
      maxWaiting: count('MAX_WAITING', 100, 1, 1_000),
      queueRetrySeconds: count('QUEUE_RETRY_SECONDS', 10, 0, 3_600),
      flagsTtlMs: count('FLAGS_TTL_SECONDS', 30, 0, 3_600) * 1_000,
      flagsWaitMs: count('FLAGS_WAIT_MS', 500, 0, 10_000),
      shardBits: Math.log2(Number(oneOf('COUNTERFOIL_SHARDS', env, ['1', '2', '4', '8', '16', '32', '64', '128', '256']))),
      corsOrigins: text(env.COUNTERFOIL_CORS_ORIGINS).toLowerCase().split(/[\s,]+/).filter(Boolean),
      rateLimitFields: oneOf('COUNTERFOIL_RATE_LIMIT_FIELDS', env, ['draft-10', 'off']) !== 'off',
    };
    settingsOf.set(env, known);
  }
  return known;
}

/** Variables may be numbers and booleans too. */
function text(value) {
  return value === undefined || value === null ? '' : String(value).trim();
}

function number(value, otherwise, least, most) {
  const read = text(value) === '' ? NaN : Number(value);
  return Number.isFinite(read) ? Math.min(most, Math.max(least, Math.floor(read))) : otherwise;
}

/** The value, or the nearest that is possible, or what it usually is; the last two are told. */
function countOf(name, env, otherwise, least, most) {
  const taken = number(env[name], otherwise, least, most);
  if (text(env[name]) !== '' && Number(env[name]) !== taken) {
    tellOnce(`${name} is no whole number from ${least} to ${most}; taken as ${taken}`);
  }
  return taken;
}

/** The value, or the first of those that are possible. */
function oneOf(name, env, possible) {
  const value = text(env[name]).toLowerCase();
  if (value !== '' && !possible.includes(value)) {
    tellOnce(`${name} is none of ${possible.join(', ')}; taken as ${possible[0]}`);
  }
  return possible.includes(value) ? value : possible[0];
}

/** One line for the operator; never a key, a token or a path in it. */
function tell(what, error) {
  console.error(`counterfoil: ${what}${error === undefined ? '' : `: ${error?.name ?? 'Error'}: ${error?.message ?? error}`}`);
}

/** What would otherwise be told at every request. */
function tellOnce(what) {
  if (!isolate.told.has(what)) {
    isolate.told.add(what);
    tell(what);
  }
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// ------------------------------------------------------------------------------------------------------- the isolate's state

/**
 * What this isolate holds between requests: plain values only, since what belongs to one request's I/O cannot be used from another's.
 * The instance has no name before the first batch: Workers have neither time nor chance before the first request.
 */
const isolate = { instance: '', lastBatch: 0, open: null, sending: new Set(), parked: [], dropped: 0, told: new Set(), flags: new Map() };

// -------------------------------------------------------------------------------------------------------------- key and hash

/**
 * The key's text from where the edge looks for it: `Authorization: Bearer KEY`, `X-API-Key: KEY`; undefined where there are two that
 * differ. A header's bytes are read as UTF-8, so that the hash is that of what the client sent.
 */
function keyOf(headers) {
  const authorization = headers.get('authorization') ?? '';
  const bearer = /^bearer /i.test(authorization) ? authorization.slice(7).trim() : '';
  const apiKey = headers.get('x-api-key')?.trim();
  return bearer && apiKey !== undefined && apiKey !== bearer ? undefined : bearer || apiKey || '';
}

async function sha256(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (each) => each.toString(16).padStart(2, '0')).join('');
}

function requestIdOf(headers) {
  const id = headers.get('x-request-id') ?? '';
  return /^[\x20-\x7e]{1,64}$/.test(id) ? id : '';
}

/** The path as the log has it: no query, cut, and without the key where a custom way of finding it looks there. */
function pathOf(url, key) {
  const path = new URL(url).pathname;
  return (key && (path.includes(key) || decoded(path).includes(key)) ? '/***' : path).slice(0, MAX_PATH);
}

/** Escape by escape: whatever else stands in the path, a key in it is found. A URL's path is ASCII but for its escapes. */
function decoded(path) {
  const bytes = path.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return new TextDecoder().decode(Uint8Array.from(bytes, (each) => each.charCodeAt(0)));
}

// -------------------------------------------------------------------------------------------------------------------- flags

/** The flags of a key that hold now; none where the document cannot be had and none was had before. */
async function flagsOf(hash, env, ctx) {
  if (!env.COUNTERFOIL_FLAGS) {
    return [];
  }
  const { shardBits, flagsTtlMs, flagsWaitMs } = settings(env);
  const shard = parseInt(hash.slice(0, 2), 16) >> (8 - shardBits);
  const name = shardBits === 0 ? 'counterfoil-flags' : `counterfoil-flags.${shard}`;
  let held = isolate.flags.get(name);
  if (!held) {
    const loading = loadFlags(name, shard, env);
    ctx.waitUntil(loading);
    await Promise.race([loading, sleep(flagsWaitMs)]);
    held = isolate.flags.get(name);
    if (!held) {
      // No other request waits for a KV that does not answer; none is refused until it does.
      held = { version: -1, flags: {}, askedAt: Date.now(), confirmedAt: 0 };
      isolate.flags.set(name, held);
    }
  } else if (Date.now() - held.askedAt >= flagsTtlMs) {
    // This request goes by what is held; the next one finds what is loaded meanwhile.
    held.askedAt = Date.now();
    ctx.waitUntil(loadFlags(name, shard, env));
  }
  const now = Date.now() / 1000;
  const flags = Object.hasOwn(held.flags, hash) ? held.flags[hash] : [];
  return Array.isArray(flags) ? flags.filter((flag) => holds(flag, now)) : [];
}

/** A flag of which not all can be told to a client is none. */
function holds(flag, now) {
  const known = ['refuse', 'warn'].includes(flag?.action) && Object.hasOwn(WINDOWS, flag.window) && Object.hasOwn(MEASURES, flag.measure);
  const told = known && [flag.quota, flag.used].every(Number.isFinite) && [flag.as_of, flag.resets_at].every(isTime);
  if (!told) {
    tellOnce('a flag is not as counterfoil-flags/1 has it and holds nobody back');
  }
  return told && flag.resets_at > now;
}

function isTime(seconds) {
  return Number.isFinite(seconds) && seconds >= 0 && seconds <= MAX_SECONDS;
}

/** Never throws: what was held before stays. */
async function loadFlags(name, shard, env) {
  try {
    const document = await env.COUNTERFOIL_FLAGS.get(name, { type: 'json', cacheTtl: 60 });
    const shards = 2 ** settings(env).shardBits;
    if (document === null) {
      tellOnce(`there are no flags '${name}': push-flags has not run, or not with ${shards} shards as COUNTERFOIL_SHARDS says`);
    } else if (document.shards !== shards || document.shard !== shard) {
      tellOnce(`flags '${name}' are not shard ${shard} of ${shards}, as COUNTERFOIL_SHARDS says: keys of other shards are not refused`);
    }
    takeFlags(name, document ?? { format: 'counterfoil-flags/1', version: 0, flags: {} }, document === null);
  } catch (error) {
    tell(`flags '${name}' cannot be read, going by what is known`, error);
  }
}

function takeFlags(name, document, absent) {
  if (document.format !== 'counterfoil-flags/1' || typeof document.flags !== 'object' || document.flags === null) {
    tell(`flags '${name}' are of format '${String(document.format).slice(0, 40)}', expected 'counterfoil-flags/1'; going by what is known`);
    return;
  }
  const now = Date.now();
  const held = isolate.flags.get(name);
  if (held && !absent && document.version < held.version && now - held.confirmedAt < LATE_COPY_MS) {
    return;
  }
  isolate.flags.set(name, { version: document.version, flags: document.flags, askedAt: now, confirmedAt: now });
}

/** The sternest flag; of equally stern ones the last to reset. */
function sternest(flags) {
  const weight = (flag) => (flag.action === 'refuse' ? 1 : 0);
  return flags.reduce(
    (over, flag) =>
      !over || weight(flag) > weight(over) || (weight(flag) === weight(over) && flag.resets_at > over.resets_at) ? flag : over,
    undefined,
  );
}

// ----------------------------------------------------------------------------------------- what a client is told of its limits

function limitName(flag) {
  const measure = { units: '-units', bytes_out: '-bytes' }[flag.measure] ?? '';
  return flag.window + measure + (flag.scope === 'account' ? '-account' : '') + (flag.action === 'warn' ? '-warn' : '');
}

function amount(value, measure) {
  if (measure !== 'bytes_out') {
    return value + (measure === 'units' ? 'units' : '');
  }
  const sizes = [['TiB', 2 ** 40], ['TB', 1e12], ['GiB', 2 ** 30], ['GB', 1e9], ['MiB', 2 ** 20], ['MB', 1e6], ['KiB', 1024], ['KB', 1000]];
  const [unit, size] = sizes.find((each) => value > 0 && value % each[1] === 0) ?? ['B', 1];
  return value / size + unit;
}

function limitText(flag) {
  return `${amount(flag.quota, flag.measure)}/${flag.window}`;
}

function integer(value) {
  return Math.min(Math.max(0, value), MAX_STRUCTURED_INTEGER);
}

/** Rounded up, so that nobody comes back just too early. */
function secondsLeft(flag) {
  return Math.max(0, Math.ceil(flag.resets_at - Date.now() / 1000));
}

function utc(seconds) {
  return new Date(Math.floor(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}

/** Sets the fields that our edge sends for these flags (draft-ietf-httpapi-ratelimit-headers-10). */
function setLimitFields(headers, decision, flags, env) {
  if (flags.length === 0) {
    return;
  }
  if (settings(env).rateLimitFields) {
    headers.set('RateLimit-Policy', flags.map(policy).join(', '));
    headers.set('RateLimit', flags.map(left).join(', '));
  }
  const over = sternest(flags);
  if (decision === 'refused') {
    // Clients that all wait for one window's end must not all come back in one second.
    headers.set('Retry-After', String(secondsLeft(over) + Math.floor(Math.random() * (RETRY_JITTER_SECONDS + 1))));
  } else if (decision === 'warned') {
    headers.set(
      'Counterfoil-Warning',
      `limit="${limitText(over)}", used=${integer(over.used)}, quota=${integer(over.quota)}, as-of=@${Math.floor(over.as_of)}, resets-at=@${over.resets_at}`,
    );
  }
}

function policy(flag) {
  return `"${limitName(flag)}";q=${integer(flag.quota)}${MEASURES[flag.measure]}${WINDOWS[flag.window]}`;
}

function left(flag) {
  return `"${limitName(flag)}";r=${integer(flag.quota - flag.used)};t=${secondsLeft(flag)};counterfoil-asof=${Math.floor(flag.as_of)}`;
}

/** RFC 9457. */
function problem(status, title, detail, more = {}, type = 'about:blank', members = {}) {
  const headers = { 'Content-Type': 'application/problem+json', ...more };
  return new Response(JSON.stringify({ type, title, status, detail, ...members }), { status, headers });
}

function quotaExceeded(over) {
  const detail =
    `The limit ${limitText(over)}${over.scope === 'account' ? ' of the account' : ''} is used up: ${amount(over.used, over.measure)} of ` +
    `${amount(over.quota, over.measure)} as of ${utc(over.as_of)}; it resets at ${utc(over.resets_at)}.`;
  const type = 'https://iana.org/assignments/http-problem-types#quota-exceeded';
  return problem(429, 'Quota Exceeded', detail, {}, type, { 'violated-policies': [limitName(over)] });
}

/** Lets pages of the origins that are set read the answer and its limits' fields; what the Worker itself set for them stays. */
function setCorsFields(headers, request, env) {
  const { corsOrigins } = settings(env);
  const origin = request.headers.get('origin');
  if (corsOrigins.length === 0 || headers.has('access-control-allow-origin')) {
    return;
  }
  const all = corsOrigins.includes('*');
  if (!all) {
    headers.append('Vary', 'Origin');
  }
  if (origin && (all || corsOrigins.includes(origin.toLowerCase()))) {
    headers.set('Access-Control-Allow-Origin', all ? '*' : origin);
    headers.append('Access-Control-Expose-Headers', 'RateLimit-Policy, RateLimit, Counterfoil-Warning, Retry-After');
  }
}

function isPreflight({ method, headers }) {
  return method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method');
}

function unauthorized() {
  const detail = "A valid API key is needed: 'Authorization: Bearer KEY' or 'X-API-Key: KEY'.";
  return problem(401, 'Unauthorized', detail, { 'WWW-Authenticate': 'Bearer' });
}

// ------------------------------------------------------------------------------------------------------------ one request

/**
 * Puts Counterfoil around a Worker: counts its requests by key, warns and refuses keys that are over a limit. The Worker's other
 * handlers stay; its `queue` gets all messages that are not ours.
 *
 * @param {object|Function} worker what the module exported before: an object with `fetch`, or that function alone
 * @param {object} [options]
 * @param {(request: Request, env: object) => string|null|Promise<string|null>} [options.key] finds the key where it is in neither
 *     `Authorization: Bearer` nor `X-API-Key`; it is hashed and forgotten
 * @param {(request: Request, env: object) => string} [options.route] names a request's route: lower-case letters, digits, `.`, `_`, `-`
 * @returns {object} to be the module's default export
 */
export function counterfoil(worker, options = {}) {
  const inner = typeof worker === 'function' ? { fetch: worker } : worker;
  const others = ['scheduled', 'email', 'tail', 'trace', 'test'].filter((name) => typeof inner[name] === 'function');
  return {
    ...Object.fromEntries(others.map((name) => [name, inner[name].bind(inner)])),
    fetch: (request, env, ctx) => exchange(inner, options, request, env, ctx),
    queue: (batch, env, ctx) =>
      inner.queue && batch.messages[0]?.body?.format !== MESSAGE_FORMAT ? inner.queue(batch, env, ctx) : consume(batch, env),
  };
}

async function exchange(inner, options, request, env, ctx) {
  const verdict = {
    request,
    passedOn: request,
    decision: 'admitted',
    flags: [],
    started: Date.now(),
    // Undefined until it is known: then nothing goes into a record in which it may stand.
    key: undefined,
    hash: '',
    requestId: '',
    bytesIn: () => 0,
    recorded: false,
  };
  let recorded = () => {};
  try {
    // A client that leaves must not end this before there is a record.
    ctx.waitUntil(new Promise((resolve) => (recorded = resolve)));
    await judge(verdict, options, env, ctx);
  } catch (error) {
    tell('a request could not be judged and is passed on', error);
  }
  let response = verdict.reply;
  if (!response) {
    try {
      response = await inner.fetch(verdict.passedOn, env, ctx);
    } catch (error) {
      recordWhen(Promise.resolve(0), 500, 1, verdict, options, env, ctx);
      recorded();
      throw error;
    }
  }
  try {
    return await answer(response, verdict, options, env, ctx);
  } catch (error) {
    tell('an answer is passed on as it is', error);
    if (!verdict.recorded) {
      recordWhen(Promise.resolve(0), statusOf(response), 1, verdict, options, env, ctx);
    }
    return response;
  } finally {
    recorded();
  }
}

/** Finds out whose request it is and what becomes of it. */
async function judge(verdict, options, env, ctx) {
  const { request } = verdict;
  const { headers } = request;
  verdict.requestId = requestIdOf(headers);
  countBytesIn(verdict);
  const key = await findKey(verdict, options, env);
  const bytes = new TextEncoder().encode(key ?? '');
  if (bytes.length > 0 && bytes.length <= MAX_KEY_BYTES) {
    verdict.hash = await sha256(bytes);
    verdict.flags = await flagsOf(verdict.hash, env, ctx);
  } else if (key === undefined || (settings(env).requireKey && !(key === '' && isPreflight(request)))) {
    // Browsers send no key with a preflight. One that has a key is judged by it: whoever writes such a request is no browser.
    verdict.reply = unauthorized();
    verdict.decision = 'unauthorized';
  }
  const over = sternest(verdict.flags);
  if (over) {
    verdict.reply = over.action === 'refuse' ? quotaExceeded(over) : undefined;
    verdict.decision = over.action === 'refuse' ? 'refused' : 'warned';
  }
}

/** The request's key; empty where there is none, undefined where there are two that differ. */
async function findKey(verdict, options, env) {
  const { request } = verdict;
  let key = '';
  try {
    key = options.key ? String((await options.key(request, env)) ?? '') : keyOf(request.headers);
    verdict.key = key;
  } catch (error) {
    // Its message may quote what it was looking for.
    tell(`the key could not be looked for: ${error?.name ?? 'Error'}`);
  }
  if (verdict.key === undefined || (key && verdict.requestId.includes(key))) {
    verdict.requestId = '';
  }
  return key;
}

/** The stated length, or what is read of a body that states none. */
function countBytesIn(verdict) {
  const { request } = verdict;
  const stated = statedLength(request.headers);
  if (stated !== undefined || !request.body) {
    verdict.bytesIn = () => stated ?? 0;
    return;
  }
  let bytes = 0;
  const counting = new TransformStream({
    transform(part, controller) {
      bytes += part.byteLength;
      controller.enqueue(part);
    },
  });
  verdict.bytesIn = () => bytes;
  verdict.passedOn = new Request(request, { body: request.body.pipeThrough(counting) });
}

function statedLength(headers) {
  const length = headers.get('content-length');
  return length !== null && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

/** Answers just as the runtime got them from an origin: it has seen to it that their bodies are as long as they state. */
const framed = new WeakSet();

/** The answer with the limits' fields, its body counted on its way; the record follows the body. */
async function answer(response, verdict, options, env, ctx) {
  const { method, signal } = verdict.request;
  if (statusOf(response) !== response?.status) {
    recordWhen(Promise.resolve(0), statusOf(response), 1, verdict, options, env, ctx);
    return response;
  }
  const reported = response.headers.get('counterfoil-units');
  const units = reported && /^\d{1,9}$/.test(reported) ? Number(reported) : 1;
  if (!verdict.reply && (response.status === 401 || response.status === 403)) {
    verdict.decision = 'unauthorized';
  }
  if (signal?.aborted) {
    recordWhen(Promise.resolve(0), 499, units, verdict, options, env, ctx);
    return response;
  }
  const cors = settings(env).corsOrigins.length > 0;
  const changed = reported !== null || verdict.flags.length > 0 || Boolean(verdict.reply) || cors;
  if (method === 'HEAD' || !response.body || response.webSocket || response.bodyUsed) {
    recordWhen(Promise.resolve(0), response.status, units, verdict, options, env, ctx);
    return changed && !response.webSocket ? withFields(response, response.body, verdict, env) : response;
  }
  // What cannot be built anew, as a status above 599, fails here, with its body untouched.
  const head = withFields(response, null, verdict, env);
  const { body, bytes } = await counted(response);
  recordWhen(bytes, response.status, units, verdict, options, env, ctx);
  return new Response(body, head);
}

/** What the client is answered: for what is no answer the runtime answers 500. */
function statusOf(response) {
  return response instanceof Response && response.status >= 100 && response.status <= 999 ? response.status : 500;
}

function withFields(response, body, verdict, env) {
  const answered = new Response(body, response);
  answered.headers.delete('counterfoil-units');
  if (verdict.reply && verdict.requestId) {
    answered.headers.set('X-Request-Id', verdict.requestId);
  }
  setLimitFields(answered.headers, verdict.decision, verdict.flags, env);
  setCorsFields(answered.headers, verdict.request, env);
  return answered;
}

/**
 * An answer's body, and a promise of how many bytes of it went out. A short one that is there at once stays whole, so that its length
 * is still stated; any other is passed on part by part, as fast as the client takes it. A length in the fields is not believed, since
 * a Worker that changes a body often leaves the old one there; nor is that of an encoded body, which is decoded before it passes here.
 */
async function counted(response) {
  const length = framed.has(response) && !response.headers.has('content-encoding') ? statedLength(response.headers) : undefined;
  const reader = partReader(response.body);
  const parts = [];
  let pending;
  if (length === undefined) {
    const late = sleep(0);
    for (let bytes = 0; bytes <= MAX_WHOLE_BYTES; ) {
      pending = reader.next();
      // What fails or is late here is waited for below, in its turn.
      const part = await Promise.race([pending.catch(() => undefined), late]);
      if (part === undefined) {
        break;
      }
      if (part.done) {
        return { body: parts.length === 1 ? parts[0] : await new Blob(parts).arrayBuffer(), bytes: Promise.resolve(bytes) };
      }
      pending = undefined;
      parts.push(part.value);
      bytes += part.value.byteLength;
    }
  }
  const { readable, writable } = length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length);
  return { body: readable, bytes: handOver(parts, pending, reader, writable.getWriter()) };
}

/** Reads in large parts where the body is the runtime's own; one made in JavaScript comes in the parts it was made of. */
function partReader(body) {
  let reader;
  try {
    reader = body.getReader({ mode: 'byob' });
    let size = FIRST_PART_BYTES;
    const next = () => {
      const part = new Uint8Array(size);
      size = PART_BYTES;
      return reader.read(part);
    };
    return { next, cancel: (why) => reader.cancel(why) };
  } catch {
    reader = body.getReader();
    return { next: () => reader.read(), cancel: (why) => reader.cancel(why) };
  }
}

/** A write ends when the client's side has taken it, so what is counted was handed over. */
async function handOver(parts, pending, reader, writer) {
  let bytes = 0;
  const write = async (part) => {
    const size = part.byteLength;
    await writer.write(part);
    bytes += size;
  };
  try {
    for (const part of parts) {
      await write(part);
    }
    for (;;) {
      const { done, value } = await (pending ?? reader.next());
      pending = undefined;
      if (done) {
        break;
      }
      await write(value);
    }
    await writer.close();
  } catch (error) {
    // The client left, or the body broke off: each side is told of the other.
    reader.cancel(error).catch(() => {});
    writer.abort(error).catch(() => {});
  }
  return bytes;
}

// ---------------------------------------------------------------------------------------------------- records and batches

/** Makes the request's record once its body has gone out; the request's waitUntil lives until what is due is sent. */
function recordWhen(bytes, status, units, verdict, options, env, ctx) {
  verdict.recorded = true;
  const record = async () => {
    try {
      await add(line(await bytes, status, units, verdict, options, env), env);
    } catch (error) {
      tell('a record could not be made or sent', error);
    }
  };
  ctx.waitUntil(record());
}

function line(bytesOut, status, units, verdict, options, env) {
  const now = Date.now();
  const { request, hash, decision, requestId } = verdict;
  return JSON.stringify({
    ts_us: now * 1000,
    key: hash || undefined,
    route: routeOf(verdict, options, env),
    method: /^[a-z][a-z_-]{0,31}$/i.test(request.method) ? request.method : '-',
    path: verdict.key === undefined ? '-' : pathOf(request.url, verdict.key),
    status,
    bytes_in: measure(verdict.bytesIn()),
    bytes_out: measure(bytesOut),
    duration_us: measure((now - verdict.started) * 1000),
    units,
    decision,
    request_id: requestId || undefined,
  });
}

function measure(value) {
  return Math.min(Math.max(0, value), MAX_MEASURE);
}

/** A Worker that cannot name a request's route loses the name, not the record. A name that the collector would refuse is none. */
function routeOf({ request, key }, options, env) {
  try {
    const route = key === undefined ? undefined : options.route?.(request, env);
    const taken = /^[a-z0-9._-]{1,64}$/.test(route ?? '') && !route.startsWith('counterfoil.') && !looksLikeKey(route);
    return taken && !(key && route.includes(key)) ? route : undefined;
  } catch (error) {
    tell(`a route could not be named: ${error?.name ?? 'Error'}`);
    return undefined;
  }
}

/** As the collector has it. */
function looksLikeKey(text) {
  const runs = text.match(/\w{20,}/g) ?? [];
  return runs.some((run) => /[a-z]/i.test(run) && /\d/.test(run) && (run.length >= 32 || /^(cfk|[spa]k)_/.test(run)));
}

/**
 * Adds a line to the isolate's open batch. Who opens one sees to it that it is sent when it is old; who fills it, at once. A batch has
 * its number from the beginning: one that is never sent is a gap in the isolate's numbers.
 */
async function add(recordLine, env) {
  const { batchRecords, batchAgeMs, collector } = settings(env);
  if (!collector && !env.COUNTERFOIL_QUEUE) {
    tellOnce('neither COUNTERFOIL_COLLECTOR nor COUNTERFOIL_QUEUE is set: requests are answered and not counted');
    return;
  }
  const opens = isolate.open === null;
  const batch = (isolate.open ??= { number: ++isolate.lastBatch, lines: [], bytes: 0, openedAt: Date.now() });
  batch.lines.push(recordLine);
  batch.bytes += recordLine.length + 1;
  // Should the request that opened it have been ended by the runtime, the next one sends it.
  const full = batch.lines.length >= batchRecords || batch.bytes >= MAX_BATCH_BYTES;
  if (!full && opens) {
    await sleep(batchAgeMs);
  }
  if (full || opens || Date.now() - batch.openedAt > 2 * batchAgeMs + 1_000) {
    await close(batch, env);
  }
}

/** Sends a batch, unless that was done. */
async function close(batch, env) {
  if (isolate.open !== batch) {
    return;
  }
  isolate.open = null;
  isolate.instance ||= `${Date.now().toString(36)}-${crypto.randomUUID().replaceAll('-', '')}`;
  const parcel = { format: MESSAGE_FORMAT, instance: isolate.instance, batch: batch.number, body: `${batch.lines.join('\n')}\n` };
  const until = Date.now() + SEND_WITHIN_MS;
  if (env.COUNTERFOIL_QUEUE && (await enqueues(parcel, env))) {
    await sendParked((next) => enqueues(next, env), ENQUEUE_WITHIN_MS, until, env);
  } else {
    await deliver(parcel, until, env);
  }
}

/** Whether the queue took it. Never throws. */
async function enqueues(parcel, env) {
  let timer;
  try {
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${ENQUEUE_WITHIN_MS} ms`)), ENQUEUE_WITHIN_MS);
    });
    await Promise.race([env.COUNTERFOIL_QUEUE.send(parcel), late]);
    return true;
  } catch (error) {
    tell(`the queue did not take batch ${parcel.batch} of ${parcel.instance}`, error);
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Posts a batch, again where that may help, and some of what was parked before it. While the collector is away, batches are parked and
 * tried with later ones, up to a bound; the oldest beyond it are given up.
 */
async function deliver(parcel, until, env) {
  const { collector, maxWaiting } = settings(env);
  const now = Date.now();
  // Of a request that the runtime ended nobody says that it has ended.
  isolate.sending.forEach((each) => now - each.since > ENDED_AFTER_MS && isolate.sending.delete(each));
  if (!collector || isolate.sending.size >= maxWaiting) {
    park(parcel, maxWaiting);
    return;
  }
  const mine = { since: now };
  isolate.sending.add(mine);
  try {
    // With others parked one try tells whether the collector is back.
    if (await tries(parcel, isolate.parked.length > 0 ? [] : BACKOFF_MS, until, env)) {
      await sendParked((next) => tries(next, [], until, env), TRY_WITHIN_MS, until, env);
    } else {
      park(parcel, maxWaiting);
    }
  } finally {
    isolate.sending.delete(mine);
  }
}

/** What was parked goes with later batches, a few at a time: a Worker's requests may make only so many of their own. */
async function sendParked(sends, withinMs, until, env) {
  for (let left = PARKED_AT_ONCE; left > 0 && isolate.parked.length > 0 && Date.now() + withinMs <= until; left--) {
    const next = isolate.parked.shift();
    if (!(await sends(next))) {
      park(next, settings(env).maxWaiting);
      return;
    }
  }
}

/** Whether the batch is done with: taken, or such that it never will be. The same bytes under the same number at each try. */
async function tries(parcel, backoff, until, env) {
  for (let attempt = 0; ; attempt++) {
    const outcome = await post(parcel, env);
    if (outcome.done) {
      return true;
    }
    const pause = Math.max(backoff[attempt] ?? 0, outcome.retryAfterMs);
    if (attempt >= backoff.length || Date.now() + pause + TRY_WITHIN_MS > until) {
      return false;
    }
    await sleep(pause);
  }
}

function park(parcel, most) {
  isolate.parked.push(parcel);
  if (isolate.parked.length > most) {
    const { instance, batch } = isolate.parked.shift();
    tell(`batch ${batch} of ${instance} is given up, more than ${most} wait for the collector; ${++isolate.dropped} so far`);
  }
}

/** One try. Never throws; says whether another makes sense, and when the collector wants it. */
async function post({ instance, batch, body }, env) {
  const { collector, token } = settings(env);
  try {
    const response = await fetch(`${collector}/v1/records`, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(TRY_WITHIN_MS),
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/x-ndjson',
        'Counterfoil-Instance': instance,
        'Counterfoil-Batch': String(batch),
        'Counterfoil-Sent': String(Date.now()),
      },
      body,
    });
    const said = await response.text();
    if (response.ok) {
      tellRejects(said, instance, batch);
      return { done: true };
    }
    const refused = [400, 413, 415].includes(response.status);
    tell(`the collector answered ${response.status} to batch ${batch} of ${instance}${refused ? ', which will never be taken' : ''}`);
    return { done: refused, refused, retryAfterMs: number(response.headers.get('retry-after') ?? '', 0, 0, 3_600) * 1000 };
  } catch (error) {
    tell(`the collector did not take batch ${batch} of ${instance}`, error);
    return { done: false, retryAfterMs: 0 };
  }
}

function tellRejects(said, instance, batch) {
  const count = /"rejects":\[\{/.test(said) ? said.split('"reason":').length - 1 : 0;
  if (count > 0) {
    tell(`the collector rejected ${count} records of batch ${batch} of ${instance}`);
  }
}

// -------------------------------------------------------------------------------------------------------------------- queue

/**
 * Takes batches from the queue to the collector. The queue gives each at least once; the collector counts each identity once. One that
 * is refused for good is tried again too, so that it ends in the dead letter queue and not nowhere.
 */
async function consume(messages, env) {
  await Promise.all(
    messages.messages.map(async (message) => {
      const outcome = await post(message.body, env);
      if (outcome.done && !outcome.refused) {
        message.ack();
      } else {
        const base = settings(env).queueRetrySeconds;
        const pause = Math.max(base * 2 ** Math.min(message.attempts - 1, 8), (outcome.retryAfterMs ?? 0) / 1000);
        message.retry({ delaySeconds: Math.min(Math.ceil(pause), 3_600) });
      }
    }),
  );
}

// ------------------------------------------------------------------------------------------------------ as the whole Worker

/** Answers from an origin or from Workers KV, for those who have no Worker of their own. */
const standalone = {
  async fetch(request, env) {
    if (env.ORIGIN) {
      return fromOrigin(request, env);
    }
    if (env.DATA) {
      return fromData(request, env);
    }
    tell('neither ORIGIN nor DATA is set: there is nothing to answer from');
    return problem(500, 'Internal Server Error', 'The server made a mistake; it is logged.');
  },
};

async function fromOrigin(request, env) {
  const { pathname, search } = new URL(request.url);
  try {
    // The answer passes as it is: neither redirects are followed nor bodies decoded here.
    const target = env.ORIGIN.replace(/\/+$/, '') + pathname + search;
    const response = await fetch(new Request(target, request), { redirect: 'manual', encodeResponseBody: 'manual' });
    framed.add(response);
    return response;
  } catch (error) {
    tell('the origin could not be reached', error);
    return problem(502, 'Bad Gateway', 'The server behind this one could not be reached, or its answer was none.');
  }
}

async function fromData(request, env) {
  if (isPreflight(request) && settings(env).corsOrigins.length > 0) {
    const allowed = { 'Access-Control-Allow-Methods': 'GET, HEAD', 'Access-Control-Allow-Headers': 'authorization, x-api-key, x-request-id, content-type' };
    return new Response(null, { status: 204, headers: { ...allowed, 'Access-Control-Max-Age': '600' } });
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return problem(405, 'Method Not Allowed', 'Only GET, HEAD are understood here.', { Allow: 'GET, HEAD' });
  }
  const name = documentName(new URL(request.url).pathname);
  const { value, metadata } = name ? await env.DATA.getWithMetadata(name, { type: 'stream' }) : { value: null };
  if (value === null) {
    return problem(404, 'Not Found', 'There is no document of this key.');
  }
  return new Response(value, { headers: { 'Content-Type': metadata?.contentType ?? 'application/json' } });
}

/** The path without its first slash, as Workers KV may hold it; empty where it may not. */
function documentName(path) {
  try {
    const name = decodeURIComponent(path.slice(1));
    return new TextEncoder().encode(name).length > 512 || name === '.' || name === '..' ? '' : name;
  } catch {
    return '';
  }
}

export default counterfoil(standalone);
