import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** `npm test`: all tests in real workerd, or, where miniflare was not installed, one line that says so and exit code 0. */
const folder = path.dirname(fileURLToPath(import.meta.url));
try {
  await import('miniflare');
} catch (error) {
  if (process.env.COUNTERFOIL_WORKER_TESTS === 'required') {
    console.error(`miniflare cannot be loaded, and COUNTERFOIL_WORKER_TESTS=required: ${error.message}`);
    process.exit(2);
  }
  console.log(`SKIPPED: the Worker's tests need miniflare: (cd ingest/worker && npm ci). ${error.message.split('\n')[0]}`);
  process.exit(0);
}
const tests = readdirSync(folder)
  .filter((name) => name.endsWith('.test.mjs') && (process.argv[2] === undefined || name.includes(process.argv[2])))
  .map((name) => path.join(folder, name));
process.exit(spawnSync(process.execPath, ['--test', ...tests], { stdio: 'inherit' }).status ?? 1);
