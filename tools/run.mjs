/** Runs one command to its end and takes over its exit status. */
import { spawn } from 'node:child_process';
import { ROOT } from './setup.mjs';

/**
 * The command shares our terminal. Ctrl-C reaches it from the terminal itself; a SIGTERM to us is passed on, and
 * a closed terminal, which not every command hears of itself, is one.
 * @returns {Promise<number>} its exit status, or 128 and the signal's number
 */
export function run(command, args, env = process.env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', env });
    const pass = () => child.kill('SIGTERM');
    const wait = () => undefined;
    process.on('SIGTERM', pass).on('SIGHUP', pass).on('SIGINT', wait);
    const end = (status) => {
      process.off('SIGTERM', pass).off('SIGHUP', pass).off('SIGINT', wait);
      resolve(status);
    };
    child.on('error', (error) => {
      console.error(`Cannot run ${command}: ${error.message}`);
      end(127);
    });
    child.on('exit', (code, signal) => end(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

/** `run` for a script of this project under the Node that runs us. */
export function runNode(args, env) {
  return run(process.execPath, args, env);
}
