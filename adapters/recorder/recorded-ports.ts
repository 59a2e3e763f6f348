/** The ports of one negotiation with the recorder around them. */
import type { Bytes } from '../../services/bytes.js';
import type { Address, Endpoint } from '../../services/net/address.js';
import type { Clock, TimerHandle } from '../../services/ports/clock.js';
import type { Random } from '../../services/ports/random.js';
import type { NegotiationPorts } from '../../services/ports/recorder.js';
import type { Datagram, Udp } from '../../services/ports/udp.js';
import { recordedCrypto } from './recorded-crypto.js';
import { RecordedKernel } from './recorded-kernel.js';
import { operation } from './operation.js';
import { NO_NUMBER } from './piece.js';
import type { Tape } from './tape.js';

const BYTES = operation('bytes');

export function recordedPorts(ports: NegotiationPorts, tape: Tape): NegotiationPorts {
  return {
    udp: new RecordedUdp(ports.udp, tape),
    crypto: recordedCrypto(ports.crypto, tape),
    kernel: new RecordedKernel(ports.kernel, tape),
    clock: new RecordedClock(ports.clock, tape),
    random: new RecordedRandom(ports.random, tape),
  };
}

/** Of an SA as it stands only what it sends is kept. */
export function portsThatSend(ports: NegotiationPorts, tape: Tape): NegotiationPorts {
  const { udp, kernel, crypto, clock, random } = ports;
  return { udp: new RecordedUdp(udp, tape), kernel, crypto, clock, random };
}

class RecordedUdp implements Udp {
  readonly #udp: Udp;
  readonly #tape: Tape;

  constructor(udp: Udp, tape: Tape) {
    this.#udp = udp;
    this.#tape = tape;
  }

  send(local: Endpoint, remote: Endpoint, bytes: Bytes): void {
    this.#tape.sent(local, remote, bytes);
    this.#udp.send(local, remote, bytes);
  }

  keepalive(local: Endpoint, remote: Endpoint): void {
    this.#udp.keepalive(local, remote);
  }

  onDatagram(listener: (datagram: Datagram) => void): void {
    this.#udp.onDatagram(listener);
  }

  open(): Promise<void> {
    return this.#udp.open();
  }

  endpoints(): readonly Endpoint[] {
    return this.#udp.endpoints();
  }

  endpointAt(address: Address): Endpoint | undefined {
    return this.#udp.endpointAt(address);
  }

  close(): Promise<void> {
    return this.#udp.close();
  }
}

/** When a timer went off is an input; that it was set is recomputed. */
class RecordedClock implements Clock {
  readonly #clock: Clock;
  readonly #tape: Tape;

  constructor(clock: Clock, tape: Tape) {
    this.#clock = clock;
    this.#tape = tape;
  }

  now(): number {
    return this.#clock.now();
  }

  thisTurn(): number {
    return this.#clock.thisTurn();
  }

  wallTime(): number {
    return this.#clock.wallTime();
  }

  setTimeout(run: () => void, ms: number): TimerHandle {
    const number = this.#tape.nextTimer();
    return this.#clock.setTimeout(() => {
      this.#tape.wentOff(number);
      run();
    }, ms);
  }

  clearTimeout(handle: TimerHandle): void {
    this.#clock.clearTimeout(handle);
  }
}

class RecordedRandom implements Random {
  readonly #random: Random;
  readonly #tape: Tape;

  constructor(random: Random, tape: Tape) {
    this.#random = random;
    this.#tape = tape;
  }

  bytes(length: number): Bytes {
    const value = this.#random.bytes(length);
    this.#tape.brief(BYTES, undefined, length, NO_NUMBER, NO_NUMBER, value, undefined, undefined);
    return value;
  }
}
