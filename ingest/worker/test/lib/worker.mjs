import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Log, LogLevel, Miniflare } from 'miniflare';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Of the runtime that the tests run; the example's date is the same. */
export const COMPATIBILITY_DATE = '2026-04-01';

/**
 * Starts a Worker in workerd, on loopback and with nothing from outside.
 *
 * @param {object} options `script` relative to this module's folder; `bindings` (vars); `queue`: whether there is one; the rest is miniflare's
 */
export async function startWorker({ script = 'counterfoil.mjs', bindings = {}, queue = false, port = 0, ...more } = {}) {
  const output = [];
  const consumer = { maxBatchSize: 5, maxBatchTimeout: 0, maxRetries: 100, deadLetterQueue: 'dead', ...queue };
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port,
    cf: false,
    log: new Log(LogLevel.NONE),
    handleRuntimeStdio(stdout, stderr) {
      stdout.on('data', (part) => output.push(part.toString()));
      stderr.on('data', (part) => output.push(part.toString()));
    },
    modules: true,
    modulesRoot: ROOT,
    modulesRules: [{ type: 'ESModule', include: ['**/*.mjs'] }],
    scriptPath: path.join(ROOT, script),
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: ['enable_request_signal'],
    kvNamespaces: { COUNTERFOIL_FLAGS: 'flags', ...(more.kvNamespaces ?? {}) },
    ...(queue ? { queueProducers: { COUNTERFOIL_QUEUE: 'records' }, queueConsumers: { records: consumer } } : {}),
    bindings: {
      COUNTERFOIL_TOKEN: 'the-token-of-the-test-24-characters',
      COUNTERFOIL_BATCH_AGE_MS: '50',
      COUNTERFOIL_FLAGS_TTL_SECONDS: '0',
      ...bindings,
    },
    ...Object.fromEntries(Object.entries(more).filter(([name]) => name !== 'kvNamespaces')),
  });
  const url = await miniflare.ready;
  return {
    url,
    miniflare,
    flags: await miniflare.getKVNamespace('COUNTERFOIL_FLAGS'),
    /** Everything that the Worker and its runtime wrote so far. */
    output: () => output.join(''),
    stop: () => miniflare.dispose(),
  };
}
