/** One line for people for each event. */
import { stateWords } from '../../services/events/active-states.js';
import { groupedPayloads } from '../../services/events/payload-names.js';
import type { MessageSummary } from '../../services/events/event.js';
import { formatEndpoint } from '../../services/net/address.js';
import type { SpiPair } from '../../services/ports/kernel.js';
import type { StampedEvent } from '../../services/ports/events.js';

function message({ exchange, number, payloads, bytes }: MessageSummary): string {
  const which = number === 0 ? exchange : `${exchange} ${String(number)}`;
  return `${which} [${groupedPayloads(payloads).join(' ')}] ${String(bytes)} bytes`;
}

const ADMISSION: Readonly<Record<string, string>> = {
  open: 'whoever begins is heard',
  crowded: 'more is begun than can be finished; known peers come first',
  flooded: 'very many begin and never answer; known peers come first, strangers are rationed',
  closed: 'the daemon is stopping',
};

export function eventWords(event: StampedEvent): string {
  switch (event.type) {
    case 'daemon.state':
      return `daemon: ${event.state}`;
    case 'config.read':
      return `read ${event.file}: ${String(event.rules)} rule(s), ${String(event.presharedKeys)} pre-shared key(s)`;
    case 'config.refused':
      return `refused ${event.file}; the old configuration stays: ${event.errors.join('; ')}`;
    case 'config.ignored':
      return `runs without the files that have errors (ignore_errors), and waits for better ones or for ikeadm: ${event.errors.join('; ')}`;
    case 'config.note':
      return event.note;
    case 'config.changed':
      return `${event.change}: ${event.subject}; now ${String(event.rules)} rule(s), ${String(event.presharedKeys)} pre-shared key(s)`;
    case 'config.rule':
      return `rule with cookie ${String(event.cookie)}: ${event.text}`;
    case 'token.state':
      return `token "${event.token}": ${event.state}${event.reason === '' ? '' : `; ${event.reason}`}`;
    case 'certificates.fetched':
      return `fetched ${event.source}`;
    case 'certificates.fetch-failed':
      return `could not fetch ${event.source}: ${event.reason}`;
    case 'socket.opened':
      return `listening on ${formatEndpoint(event.local)}`;
    case 'socket.closed':
      return `no longer listening on ${formatEndpoint(event.local)}`;
    case 'socket.error':
      return `${formatEndpoint(event.local)}${event.remote === undefined ? '' : ` to ${formatEndpoint(event.remote)}`}: ${event.error}`;
    case 'socket.not-bypassed':
      return event.explanation;
    case 'log.reopened':
      return event.error === undefined
        ? `the log ${event.file} was opened again`
        : `${event.file} cannot be opened again (${event.error}): the log goes on in the file that was open`;
    case 'inspector.opened':
      return `inspector at ${event.url}`;
    case 'inspector.closed':
      return 'the inspector is off';
    case 'recording.written':
      return `recorded in ${event.file}: see ikeadm replay`;
    case 'recording.failed':
      return `its recording could not be written: ${event.reason}`;
    case 'datagram.dropped':
      return `dropped ${String(event.count)} datagram(s) from ${formatEndpoint(event.remote)}: ${event.reason}`;
    case 'message.received':
      return `<- ${formatEndpoint(event.remote)} ${message(event.message)}`;
    case 'message.sent':
      return `-> ${formatEndpoint(event.remote)} ${message(event.message)}${event.retransmission > 0 ? ` (again, ${String(event.retransmission)})` : ''}`;
    case 'message.duplicate':
      return `duplicate from ${formatEndpoint(event.remote)}${event.answered ? ', answered again' : ''}`;
    case 'message.ignored':
      return `ignored a message of ${formatEndpoint(event.remote)}: ${event.reason}`;
    case 'notify.received':
      return `${formatEndpoint(event.remote)} says ${event.notify}${event.authenticated ? '' : ' (unauthenticated)'}`;
    case 'negotiation.started':
      return `${event.chart} with ${formatEndpoint(event.remote)} begins`;
    case 'negotiation.rule':
      return `uses rule "${event.rule}"`;
    case 'negotiation.agreed':
      return `agreed on ${event.suite}`;
    case 'negotiation.key':
      return event.why;
    case 'negotiation.note':
      return `notes: ${event.note}`;
    case 'negotiation.transition':
      return event.event;
    case 'negotiation.state':
      return `is in ${stateWords(event.active)}`;
    case 'phase1.not-renewed':
      return `could not be renewed: ${event.failure.explanation} ${event.failure.hint}`;
    case 'negotiation.suspicion':
      return `suspects: ${event.failure.explanation}`;
    case 'negotiation.ended':
      return event.failure === undefined
        ? `ended: ${event.outcome}`
        : `ended: ${event.outcome} (${event.failure.code}): ${event.failure.explanation} ${event.failure.hint}`;
    case 'phase1.established':
      return `Phase 1 SA ${event.cookies} is up; we are its ${event.role}`;
    case 'phase1.gone':
      return `Phase 1 SA ${event.cookies} is gone: ${event.reason}`;
    case 'phase2.installed':
      return `IPsec SAs installed: ${pairs(event.pairs)}`;
    case 'phase2.gone':
      return `IPsec SAs gone: ${pairs(event.pairs)}: ${event.reason}`;
    case 'peer.dead':
      return `peer ${formatEndpoint(event.remote)} is dead, ${String(event.phase2)} pair(s) of IPsec SAs cleared: ${event.failure.explanation} ${event.failure.hint}`;
    case 'admission.state':
      return `admission: ${event.state}: ${ADMISSION[event.state] ?? ''}; ${String(event.refused)} first message(s) refused so far`;
    case 'admission.refused':
      return `${String(event.count)} first message(s) refused, the latest from ${formatEndpoint(event.remote)}: ${event.reason}`;
    case 'kernel.acquire':
      return `the kernel wants SAs between ${event.local} and ${event.remote}`;
    case 'kernel.expire':
      return `${event.limit} lifetime of SA ${spi(event.spi)} is over`;
    case 'kernel.call':
      return `kernel ${event.call} for ${event.detail}${event.error === undefined ? '' : `: ${event.error}`}`;
    case 'kernel.packet':
      return `${event.form === 'esp' ? 'ESP' : 'clear'} packet ${event.direction}, ${String(event.bytes)} bytes`;
    case 'kernel.unable':
      return event.explanation;
    case 'kernel.note':
      return event.note;
    case 'door.request':
      return `door: ${event.command}${event.uid === undefined ? '' : ` by uid ${String(event.uid)}`}${event.rights === 'all' ? '' : ` (${event.rights} commands only)`}${event.error === undefined ? '' : `: ${event.error}`}`;
    case 'internal.error':
      return `defect in ${event.where}: ${event.error}`;
  }
}

function pairs(list: readonly SpiPair[]): string {
  return list
    .map(({ protocol, inboundSpi, outboundSpi }) => {
      const name = protocol === 51 ? 'AH' : 'ESP';
      return `${name} in ${spi(inboundSpi)}, out ${spi(outboundSpi)}`;
    })
    .join('; ');
}

function spi(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
