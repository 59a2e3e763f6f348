/** A place for a daemon that root starts, which other users can reach, and those users: setpriv(1) makes them. */
import assert from 'node:assert/strict';
import { chmodSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { DaemonProcess, DIST } from '../cli/in.iked/daemon-process.js';
import { EAST, freePorts, type Ports, presharedKey, rule, WEST, writeRoot } from '../cli/in.iked/gateways.js';
import { makeScratch, type Scratch } from '../cli/in.iked/scratch.js';
import { attempt, type Ended } from '../interop/lab/shell.js';

export interface User {
  readonly uid: number;
  readonly groups?: readonly number[];
}

export class ForeignPlace {
  readonly folder: string;
  readonly root: string;
  /** A copy of the commands, for others may not read ours. */
  readonly dist: string;
  readonly #scratch: Scratch;
  readonly #ports: Ports;
  readonly #started: DaemonProcess[] = [];

  constructor(ports: Ports) {
    this.#scratch = makeScratch();
    this.#ports = ports;
    this.folder = this.#scratch.folder;
    // Others must find the commands, and the doors.
    chmodSync(this.folder, 0o755);
    this.dist = join(this.folder, 'dist');
    cpSync(DIST, this.dist, { recursive: true });
    this.root = join(this.folder, 'root');
    writeRoot(this.root, {
      config: rule(EAST, WEST),
      preshared: presharedKey(EAST, WEST, '00'.repeat(16)),
      policy: '',
    });
  }

  /** It may run or be about to end. */
  daemon(...flags: readonly string[]): DaemonProcess {
    const { port, nattPort } = this.#ports;
    const places = ['-R', this.root, '--listen', EAST];
    const numbers = ['--port', String(port), '--natt-port', String(nattPort)];
    const daemon = new DaemonProcess([...places, ...numbers, ...flags], {}, this.dist);
    this.#started.push(daemon);
    return daemon;
  }

  /** A PIN is the first line of what it reads. */
  ikeadm({ uid, groups = [] }: User, ...words: readonly string[]): Promise<Ended> {
    const who = ['--reuid', String(uid), '--regid', String(uid)];
    const more = groups.length === 0 ? ['--clear-groups'] : ['--groups', groups.join(',')];
    const line = [process.execPath, join(this.dist, 'ikeadm.js'), '-R', this.root, ...words];
    return attempt('sh', ['-c', 'echo 1234 | exec setpriv "$@"', 'sh', ...who, ...more, ...line]);
  }

  async remove(): Promise<void> {
    for (const daemon of this.#started) await daemon.stop();
    this.#scratch.remove();
  }
}

/** For `before`: the test is root's, and these are the ports of its daemons. */
export async function portsOfRoot(): Promise<Ports> {
  assert.equal(process.geteuid?.(), 0, 'this test must be run by root');
  return freePorts(EAST);
}
