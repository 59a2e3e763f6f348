#!/usr/bin/env node
/**
 * `npm start`: two real daemons on two loopback addresses, one packet that the policy wants protected, and everything
 * that followed from it. Stays up until Ctrl-C; with `--once` it ends when the packet has arrived.
 * `--keep DIR` leaves roots, keys and SADB traces of the run in DIR for other tools to read.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { parseIpPacket } from '../adapters/kernel/embedded/ip-packet.js';
import { readSeenPackets, type SeenPacket } from '../services/admin/packets.js';
import { commandFile, Gateway, type LoggedEvent, traceFile } from './demo/gateway.js';
import { ladder } from './demo/ladder.js';

const EAST = '127.0.0.1';
const WEST = '127.0.0.2';
const INSIDE_EAST = '10.1.0.5';
const INSIDE_WEST = '10.2.0.9';
const GREETING = 'Hello from the eastern network!';
const PATIENCE_MS = 30_000;

interface Options {
  readonly once?: boolean;
  readonly keep?: string;
}

function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

function heading(text: string): void {
  say(`\n== ${text}`);
}

/** A UDP port that is free on both addresses. */
async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = await bound(0, EAST);
    if ((await bound(port, WEST)) === port) return port;
  }
  throw new Error('no UDP port is free on both 127.0.0.1 and 127.0.0.2');
}

function bound(port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', (error) => {
      socket.close();
      if (port === 0) reject(error);
      else resolve(-1);
    });
    socket.bind(port, address, () => {
      const { port: got } = socket.address();
      socket.close(() => {
        resolve(got);
      });
    });
  });
}

function ikeadm(root: string, ...words: readonly string[]): string {
  return execFileSync(process.execPath, [commandFile('ikeadm'), '-R', root, ...words], { encoding: 'utf8' });
}

function packetsOf(root: string): readonly SeenPacket[] {
  const document: unknown = JSON.parse(ikeadm(root, '-j', 'packet', 'list'));
  const list: unknown =
    typeof document === 'object' && document !== null ? Reflect.get(document, 'packets') : undefined;
  return readSeenPackets(list) ?? [];
}

/** The two SAs as the sender's SADB trace has them, without their keys. */
function securityAssociations(root: string): string {
  return readFileSync(traceFile(root), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const sa: unknown = JSON.parse(line);
      const of = (name: string, part = ''): string => {
        const value: unknown = typeof sa === 'object' && sa !== null ? Reflect.get(sa, name) : '';
        const deeper: unknown =
          part !== '' && typeof value === 'object' && value !== null ? Reflect.get(value, part) : value;
        return String(deeper);
      };
      return `ESP SPI 0x${of('spi')}  ${of('src')} -> ${of('dst')}  ${of('mode')}  ${of('enc', 'alg')} ${of('auth', 'alg')}  soft ${of('soft_s')} s, hard ${of('hard_s')} s`;
    })
    .join('\n');
}

function hexLines(hex: string): string {
  return (hex.match(/.{1,64}/g) ?? [])
    .map((line, index) => `  ${(index * 32).toString(16).padStart(4, '0')}  ${line}`)
    .join('\n');
}

function innerText(packetHex: string): string {
  const packet = parseIpPacket(new Uint8Array(Buffer.from(packetHex, 'hex')));
  if (packet === undefined) return 'no IP packet';
  // The UDP header is eight bytes long.
  const text = new TextDecoder().decode(packet.payload.subarray(8));
  return `${packet.source.address} -> ${packet.destination.address}, UDP: "${text}"`;
}

function isArrival(event: LoggedEvent): boolean {
  return event.type === 'kernel.packet' && event.direction === 'in' && event.form === 'clear';
}

function isFailure(event: LoggedEvent): boolean {
  return event.type === 'negotiation.ended' && typeof event.failure === 'object';
}

function failureOf(gateways: readonly Gateway[]): string | undefined {
  for (const { events } of gateways) {
    const failure = events.find(isFailure)?.failure;
    if (typeof failure === 'object' && failure !== null) return String(Reflect.get(failure, 'explanation'));
  }
  return undefined;
}

async function show(east: Gateway, west: Gateway): Promise<void> {
  await Promise.all(
    [east, west].map((gateway) =>
      gateway.event(
        'running daemon',
        (event) => event.type === 'daemon.state' && event.state === 'running',
        PATIENCE_MS,
      ),
    ),
  );
  say(
    `East is in.iked on ${EAST}:${String(east.plan.port)}, west on ${WEST}:${String(west.plan.port)}; ESP in UDP on port ${String(east.plan.nattPort)}.`,
  );
  say(
    `One packet from ${INSIDE_EAST} to ${INSIDE_WEST}: the policy wants it protected, and there is no SA yet.`,
  );
  ikeadm(east.plan.root, 'packet', 'send', INSIDE_EAST, INSIDE_WEST, GREETING);
  try {
    await Promise.race([
      west.event('packet', isArrival, PATIENCE_MS),
      // After a failure it will not come.
      ...[east, west].map(async (gateway) => {
        await gateway.event('failure', isFailure, PATIENCE_MS);
        throw new Error('the negotiation failed');
      }),
    ]);
  } catch (error) {
    throw new Error(failureOf([east, west]) ?? (error instanceof Error ? error.message : String(error)), {
      cause: error,
    });
  }
  heading('The nine messages, as east saw them');
  say(ladder(east.events, `east ${EAST}`, `west ${WEST}`));
  for (const { plan } of [east, west]) {
    heading(`ikeadm dump p1 (${plan.name})`);
    say(ikeadm(plan.root, '-n', '-p', 'dump', 'p1').trim());
  }
  heading('The two SAs, as east installed them');
  say(securityAssociations(east.plan.root));
  const wire = packetsOf(east.plan.root).find(({ form, direction }) => form === 'esp' && direction === 'out');
  const clear = packetsOf(west.plan.root).find(({ form }) => form === 'clear');
  heading('The packet on the wire: ESP in UDP');
  say(hexLines(wire?.bytes ?? ''));
  heading('The packet as it arrived in the west');
  say(hexLines(clear?.bytes ?? ''));
  say(`  ${innerText(clear?.bytes ?? '')}`);
  heading('Watch it');
  for (const { plan } of [east, west])
    say(`${plan.name.padEnd(5)} ${ikeadmInspector(plan.name === 'east' ? east : west)}`);
}

function ikeadmInspector(gateway: Gateway): string {
  const opened = gateway.events.find((event) => event.type === 'inspector.opened');
  return typeof opened?.url === 'string' ? opened.url : 'no inspector';
}

/** SIGHUP: the terminal is closed. The daemons take that for a refresh and would stay. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
  });
}

async function main(options: Options): Promise<number> {
  process.umask(0o077);
  const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'ikechart-'));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const port = await freePort();
  let nattPort = await freePort();
  while (nattPort === port) nattPort = await freePort();
  const keyHex = randomBytes(32).toString('hex');
  const gateways: Gateway[] = [];
  const start = (name: 'east' | 'west', address: string): Gateway => {
    const gateway = Gateway.start({ name, address, root: join(folder, name), port, nattPort, keyHex });
    gateways.push(gateway);
    return gateway;
  };
  const stopped = interrupted();
  try {
    const [east, west] = [start('east', EAST), start('west', WEST)];
    await show(east, west);
    if (options.keep !== undefined) {
      const esp = packetsOf(east.plan.root).find(
        ({ form, direction }) => form === 'esp' && direction === 'out',
      );
      writeFileSync(join(folder, 'esp.hex'), `${String(nattPort)} ${esp?.bytes ?? ''}\n`);
    }
    if (options.once !== true) {
      say('\nBoth daemons stay up. Try, in another terminal:');
      say(`  node ${commandFile('ikeadm')} -R ${east.plan.root} up ${INSIDE_EAST} ${INSIDE_WEST}`);
      say('Ctrl-C ends them.');
      await stopped;
    }
    return 0;
  } catch (error) {
    process.stderr.write(`The demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    if (options.keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

// A reader that has seen enough (`npm start | head`) is no error.
process.stdout.on('error', () => undefined);

const command = new Command('npm start --')
  .description('Two daemons, one protected packet, and everything that followed from it.')
  .option('--once', 'end when the packet has arrived')
  .option('--keep <dir>', 'leave roots, keys and SADB traces in DIR')
  .parse();
process.exitCode = await main(command.opts<Options>());
