/** Whether this host's XFRM can be used by this process, before a kernel is made of it. Changes nothing that lasts. */
import type { Clock } from '../../../services/ports/clock.js';
import type { KernelSockets } from '../../../services/ports/kernel-socket.js';
import { err, ok, type Result } from '../../../services/result.js';
import { findAbilities, type XfrmAbilities } from './abilities.js';
import { XfrmConversation } from './conversation.js';

/** `absent`: there is no NETLINK_XFRM to ask. The sentence is for an operator. */
export interface XfrmTrialFault {
  readonly absent: boolean;
  readonly why: string;
}

export async function tryXfrm(
  sockets: KernelSockets,
  clock: Clock,
): Promise<Result<XfrmAbilities, XfrmTrialFault>> {
  const conversation = new XfrmConversation(sockets, clock);
  const opened = conversation.open();
  if (!opened.ok) return err({ absent: true, why: opened.error.message });
  const found = await findAbilities(conversation);
  conversation.close();
  if (!found.ok) return err({ absent: false, why: found.error });
  return found.value.esp
    ? ok(found.value)
    : err({ absent: false, why: 'This kernel has XFRM and AH, but no ESP (no module esp4).' });
}
