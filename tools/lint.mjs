/** `npm run lint`: style, types-aware rules, the import law and dead code, side by side; every complaint is printed. */
import { spawn } from 'node:child_process';
import { ensureInstalled, ROOT } from './setup.mjs';

const FLOORS = ['cli', 'adapters', 'daemon', 'machines', 'services'];
const CHECKS = {
  eslint: ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.'],
  prettier: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  'dependency-cruiser': [
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    ...['--config', '.dependency-cruiser.cjs', '--output-type', 'err', ...FLOORS],
  ],
  knip: ['node_modules/knip/bin/knip.js', '--no-progress'],
};

/** @returns {Promise<boolean>} whether the check found nothing */
function check(name, args) {
  return new Promise((resolve) => {
    const begun = performance.now();
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('close', (code) => {
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
      if (code !== 0) console.log(Buffer.concat(output).toString());
      resolve(code === 0);
    });
  });
}

ensureInstalled();
const results = await Promise.all(Object.entries(CHECKS).map(([name, args]) => check(name, args)));
process.exitCode = results.every(Boolean) ? 0 : 1;
