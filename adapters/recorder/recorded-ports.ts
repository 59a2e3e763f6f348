/** The ports of one negotiation with the recorder around them. What is computed from public values alone is not kept. */
import type { Clock } from '../../services/ports/clock.js';
import type { Crypto } from '../../services/ports/crypto.js';
import type { Kernel } from '../../services/ports/kernel.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import type { NegotiationPorts } from '../../services/ports/recorder.js';
import type { RecordedPort } from '../../services/record/entry.js';
import type { Note } from './taken.js';

/** Where the ports of a negotiation write. */
export interface Tape {
  readonly running: boolean;
  note(note: Note): void;
  /** Numbers of promises and timers, from 1. */
  nextNumber(): number;
  nextTimer(): number;
  /** A copy of a key; undefined in a recording without secrets. */
  copyOf(key: KeyHandle): KeyHandle | undefined;
}

export function recordedPorts<P extends NegotiationPorts>(ports: P, tape: Tape): P {
  return {
    ...ports,
    udp: {
      ...bound(ports.udp),
      send: (local, remote, bytes) => {
        tape.note({ kind: 'out', local, remote, bytes });
        ports.udp.send(local, remote, bytes);
      },
    },
    crypto: recordedCrypto(ports.crypto, tape),
    kernel: recordedKernel(ports.kernel, tape),
    clock: recordedClock(ports.clock, tape),
    random: {
      bytes: (length) => sync(tape, 'random', 'bytes', [length], ports.random.bytes(length)),
    },
  };
}

function bound(udp: NegotiationPorts['udp']): NegotiationPorts['udp'] {
  return {
    send: (local, remote, bytes) => {
      udp.send(local, remote, bytes);
    },
    keepalive: (local, remote) => {
      udp.keepalive(local, remote);
    },
    onDatagram: (listener) => {
      udp.onDatagram(listener);
    },
    open: () => udp.open(),
    endpoints: () => udp.endpoints(),
    close: () => udp.close(),
  };
}

function sync<T>(tape: Tape, port: RecordedPort, op: string, args: readonly unknown[], value: T): T {
  tape.note({ kind: 'call', port, op, args, outcome: { value }, number: undefined });
  return value;
}

async function later<T>(
  tape: Tape,
  port: RecordedPort,
  op: string,
  args: readonly unknown[],
  run: () => Promise<T>,
  secretIn: (value: T) => KeyHandle | undefined = () => undefined,
): Promise<T> {
  const number = tape.nextNumber();
  tape.note({ kind: 'call', port, op, args, outcome: undefined, number });
  try {
    const value = await run();
    const made = secretIn(value);
    const secret = made === undefined ? undefined : tape.copyOf(made);
    tape.note({ kind: 'done', port, op, number, outcome: { value }, secret });
    return value;
  } catch (error) {
    tape.note({ kind: 'done', port, op, number, outcome: { error }, secret: undefined });
    throw error;
  }
}

function recordedCrypto(crypto: Crypto, tape: Tape): Crypto {
  const call = <T>(op: string, args: readonly unknown[], value: T): T =>
    sync(tape, 'crypto', op, args, value);
  return {
    generateKeyPair: (group) =>
      later(
        tape,
        'crypto',
        'generateKeyPair',
        [group],
        () => crypto.generateKeyPair(group),
        ({ privateKey }) => privateKey,
      ),
    sharedSecret: (...args) =>
      later(tape, 'crypto', 'sharedSecret', args, () => crypto.sharedSecret(...args)),
    publicValueFault: (group, value) => crypto.publicValueFault(group, value),
    hash: (algorithm, ...parts) => crypto.hash(algorithm, ...parts),
    digest: (...args) => call('digest', args, crypto.digest(...args)),
    prf: (...args) => call('prf', args, crypto.prf(...args)),
    mac: (...args) => call('mac', args, crypto.mac(...args)),
    slice: (...args) => call('slice', args, crypto.slice(...args)),
    lengthOf: (key) => call('lengthOf', [key], crypto.lengthOf(key)),
    encrypt: (...args) => call('encrypt', args, crypto.encrypt(...args)),
    decrypt: (...args) => call('decrypt', args, crypto.decrypt(...args)),
    equal: (a, b) => crypto.equal(a, b),
    erase: (...keys) => {
      crypto.erase(...keys);
    },
    signRsa: (...args) => later(tape, 'crypto', 'signRsa', args, () => crypto.signRsa(...args)),
    verifyRsa: (...args) => call('verifyRsa', args, crypto.verifyRsa(...args)),
    signDss: (...args) => later(tape, 'crypto', 'signDss', args, () => crypto.signDss(...args)),
    verifyDss: (...args) => call('verifyDss', args, crypto.verifyDss(...args)),
    encryptRsa: (...args) => call('encryptRsa', args, crypto.encryptRsa(...args)),
    decryptRsa: (...args) => later(tape, 'crypto', 'decryptRsa', args, () => crypto.decryptRsa(...args)),
    verifySigned: (...args) => crypto.verifySigned(...args),
  };
}

function recordedKernel(kernel: Kernel, tape: Tape): Kernel {
  const call = <T>(op: string, args: readonly unknown[], run: () => Promise<T>): Promise<T> =>
    later(tape, 'kernel', op, args, run);
  return {
    name: kernel.name,
    open: (listener) => kernel.open(listener),
    getSpi: (...args) => call('getSpi', args, () => kernel.getSpi(...args)),
    update: (sa) => call('update', [sa], () => kernel.update(sa)),
    add: (sa) => call('add', [sa], () => kernel.add(sa)),
    moveRemote: (...args) => call('moveRemote', args, () => kernel.moveRemote(...args)),
    delete: (sa) => call('delete', [sa], () => kernel.delete(sa)),
    usage: (sa) => call('usage', [sa], () => kernel.usage(sa)),
    policyFor: (...args) => call('policyFor', args, () => kernel.policyFor(...args)),
    policyForPacket: (packet) => call('policyForPacket', [packet], () => kernel.policyForPacket(packet)),
    answerAcquire: (id, outcome) => {
      kernel.answerAcquire(id, outcome);
    },
    held: () => kernel.held(),
    adopt: (earlier) => kernel.adopt(earlier),
    replacePolicies: (policies) => kernel.replacePolicies(policies),
    close: () => kernel.close(),
  };
}

/** When a timer went off is an input; that it was set is recomputed. */
function recordedClock(clock: Clock, tape: Tape): Clock {
  return {
    now: () => clock.now(),
    wallTime: () => clock.wallTime(),
    setTimeout: (run, ms) => {
      const number = tape.nextTimer();
      return clock.setTimeout(() => {
        tape.note({ kind: 'timer', number });
        run();
      }, ms);
    },
    clearTimeout: (handle) => {
      clock.clearTimeout(handle);
    },
  };
}
