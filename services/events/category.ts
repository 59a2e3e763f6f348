/** Which debug category each event type is written under; one place, so that no event is forgotten. */
import type { DaemonEvent, EventCategory } from './event.js';

const CATEGORY_OF: Readonly<Record<DaemonEvent['type'], EventCategory>> = {
  'daemon.state': 'op',
  'config.read': 'config',
  // Not `config`: at the level of the service, `op`, an operator must learn that a refresh changed nothing.
  'config.refused': 'op',
  'config.ignored': 'op',
  'config.note': 'config',
  'config.changed': 'config',
  'config.rule': 'op',
  'token.state': 'op',
  'certificates.fetched': 'cert',
  'certificates.fetch-failed': 'cert',
  'socket.opened': 'op',
  'socket.closed': 'op',
  'socket.error': 'op',
  'socket.not-bypassed': 'pfkey',
  'log.reopened': 'op',
  'inspector.opened': 'op',
  'inspector.closed': 'op',
  'recording.written': 'op',
  'recording.failed': 'op',
  'datagram.dropped': 'op',
  'message.received': 'phase1',
  'message.sent': 'phase1',
  'message.duplicate': 'phase1',
  'message.ignored': 'phase1',
  'notify.received': 'phase1',
  'negotiation.started': 'phase1',
  'negotiation.rule': 'policy',
  'negotiation.agreed': 'prop',
  'negotiation.key': 'key',
  'negotiation.note': 'phase1',
  'negotiation.transition': 'phase1',
  'negotiation.state': 'phase1',
  'phase1.not-renewed': 'op',
  'negotiation.suspicion': 'op',
  'negotiation.ended': 'phase1',
  'phase1.established': 'phase1',
  'phase1.gone': 'phase1',
  'phase2.installed': 'phase2',
  'phase2.gone': 'phase2',
  'peer.dead': 'op',
  'admission.state': 'op',
  'admission.refused': 'op',
  'kernel.acquire': 'pfkey',
  'kernel.expire': 'pfkey',
  'kernel.call': 'pfkey',
  'kernel.packet': 'pfkey',
  'kernel.unable': 'op',
  'kernel.note': 'op',
  'door.request': 'door',
  'internal.error': 'op',
};

/** Runs of charts are named after what they are about: `p1-n`, `p2-n`, `sa-n`, `ipsec-n`, `acquire-n`. */
const CATEGORY_OF_RUN: readonly (readonly [prefix: string, category: EventCategory])[] = [
  ['p2-', 'phase2'],
  ['ipsec-', 'phase2'],
  ['acquire-', 'pfkey'],
];

function categoryOfRun(id: string): EventCategory | undefined {
  for (const [prefix, category] of CATEGORY_OF_RUN) if (id.startsWith(prefix)) return category;
  return undefined;
}

/** Every category that an event of this type may be written under. */
export function categoriesOf(type: DaemonEvent['type']): ReadonlySet<EventCategory> {
  const category = CATEGORY_OF[type];
  const categories = new Set([category]);
  if (category === 'phase1') for (const [, other] of CATEGORY_OF_RUN) categories.add(other);
  if (type === 'negotiation.ended') categories.add('op');
  return categories;
}

export function categoryOf(event: DaemonEvent): EventCategory {
  // Why something failed is what an operator reads first, whatever phase it was. What a flood crowds out is no news one
  // by one: its sources are among the dropped datagrams, once a second.
  if (event.type === 'negotiation.ended' && event.failure !== undefined)
    return event.failure.code === 'crowded-out' ? 'phase1' : 'op';
  const category = CATEGORY_OF[event.type];
  if (category !== 'phase1' || !('negotiation' in event)) return category;
  return categoryOfRun(event.negotiation ?? '') ?? category;
}
