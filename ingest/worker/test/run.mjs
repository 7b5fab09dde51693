import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * `npm test`: all tests in real workerd. Where Node is older than 20, or miniflare was not installed, one line says so and the exit code
 * is 0; with COUNTERFOIL_WORKER_TESTS=required it is 2.
 */
const RUN_WITHIN_MS = 300_000;

const folder = path.dirname(fileURLToPath(import.meta.url));

async function missing() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) {
    return `need Node 20 or newer, this is ${process.versions.node}`;
  }
  try {
    await import('miniflare');
    return undefined;
  } catch (error) {
    return `need miniflare: (cd ingest/worker && npm ci). ${error.message.split('\n')[0]}`;
  }
}

const why = await missing();
if (why !== undefined) {
  console.log(`SKIPPED: the Worker's tests ${why}`);
  process.exit(process.env.COUNTERFOIL_WORKER_TESTS === 'required' ? 2 : 0);
}
const tests = readdirSync(folder)
  .filter((name) => name.endsWith('.test.mjs') && (process.argv[2] === undefined || name.includes(process.argv[2])))
  .map((name) => path.join(folder, name));
const run = spawnSync(process.execPath, ['--test', ...tests], { stdio: 'inherit', timeout: RUN_WITHIN_MS });
if (run.error) {
  console.error(`the tests did not end within ${RUN_WITHIN_MS / 1000} s`);
}
process.exit(run.status ?? 1);
