#!/usr/bin/env node
/** `in.iked`: the IKEv1 daemon. */
import { checkConfig } from './in.iked/check.js';
import { isInBackground, reportRunning, startInBackground, stderrLasts } from './in.iked/background.js';
import { exitStatus, lastWords } from './in.iked/exit-status.js';
import { type Arguments, readArguments } from './in.iked/arguments.js';
import { pathsUnder } from './in.iked/paths.js';
import type { Running } from './in.iked/running.js';

process.umask(0o077);
const args = readArguments(process.argv.slice(2));
if (!args.ok) {
  (args.error.exit === 0 ? process.stdout : process.stderr).write(args.error.text);
  // Under SMF a wrong flag is a wrong method: trying again would not help.
  process.exitCode = args.error.exit === 0 ? 0 : exitStatus('configuration', process.env);
} else if (args.value.check) {
  const checked = await checkConfig(
    pathsUnder(args.value.root, args.value.configFile),
    args.value.policyFile,
    { embedded: args.value.kernel === 'embedded' ? { tun: args.value.tun !== undefined } : undefined },
  );
  process.stdout.write(checked.stdout);
  process.stderr.write(checked.stderr);
  process.exitCode = checked.good ? 0 : exitStatus('configuration', process.env);
} else if (args.value.background) {
  process.exitCode = await startInBackground(process.argv.slice(2));
  process.exit();
} else {
  // Loaded only when it runs: `-c` must not pay for it.
  const running = await start(args.value);
  process.on('SIGHUP', () => {
    running.reopenLog();
    void running.refresh();
  });
  // Node's own answer to this signal is to let a debugger in, to whom every key would be open.
  process.on('SIGUSR1', () => {
    running.reopenLog();
  });
  // Whoever reads our words may go before us.
  process.stderr.on('error', () => undefined);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      running.stop();
    });
  }
  if (isInBackground() && (await running.started) === undefined) {
    if (!stderrLasts()) running.leaveStderr();
    await reportRunning();
  }
  const { fault, lines } = await running.ended;
  if (fault !== undefined) {
    process.stderr.write(
      `${lines.map((line) => `in.iked: ${line}\n`).join('')}${lastWords(fault, process.env)}\n`,
    );
    process.exitCode = exitStatus(fault, process.env);
  }
  process.exit();
}

async function start(wanted: Arguments): Promise<Running> {
  if (wanted.workers > 1) {
    const { runWorkers } = await import('./in.iked/run-workers.js');
    return runWorkers(wanted);
  }
  const { runDaemon } = await import('./in.iked/run.js');
  return runDaemon(wanted);
}
