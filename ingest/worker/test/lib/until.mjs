import { createHash } from 'node:crypto';

/** Waits for something to become true; fails with its name after 20 s, which no test is meant to need. */
export async function until(what, condition) {
  const end = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > end) {
      throw new Error(`never so: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** As Counterfoil knows a key. */
export function hashOf(key) {
  return createHash('sha256').update(key, 'utf8').digest('hex');
}

/** A flags document of one flag for one key. */
export function flagsDocument(key, flag, version = 1) {
  const entry = { action: 'refuse', window: 'hour', measure: 'requests', quota: 1000, used: 1003, ...flag };
  return JSON.stringify({ format: 'counterfoil-flags/1', version, shard: 0, shards: 1, flags: { [hashOf(key)]: [entry] } });
}
