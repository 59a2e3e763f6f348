/** All SAs that the kernel holds, whoever made them: DUMP (RFC 2367 3.1.10). */
import { SA_STATE } from '../../../services/pfkey/dialect.js';
import { extensionOf, type PfkeyMessage } from '../../../services/pfkey/message.js';
import type { Clock } from '../../../services/ports/clock.js';
import type { HeldSa } from '../../../services/ports/kernel.js';
import { ok, type Result } from '../../../services/result.js';
import type { KeyConversation, KeyFault } from './conversation.js';
import { ERRNO, isRefusal } from './fault-words.js';
import type { KeySystem } from './key-system.js';
import { saOf } from './sa-extensions.js';

export async function dumpSadb(
  conversation: KeyConversation,
  system: KeySystem,
  clock: Clock,
): Promise<Result<readonly HeldSa[], KeyFault>> {
  const held: HeldSa[] = [];
  const answer = await conversation.ask(
    { kind: 'DUMP', saType: 0, extensions: [] },
    {
      take: (message) => {
        const sa = heldSa(message, system, clock);
        if (sa !== undefined) held.push(sa);
        return message.sequence === 0 ? { done: held } : 'more';
      },
    },
  );
  // So Linux says that there is none.
  return !answer.ok && isRefusal(answer.error, ERRNO.noEntry) ? ok([]) : answer;
}

function heldSa(message: PfkeyMessage, system: KeySystem, clock: Clock): HeldSa | undefined {
  const sa = saOf(message);
  const state = extensionOf(message, 'SA')?.state;
  if (sa === undefined || sa.spi === 0 || state === SA_STATE.dead) return undefined;
  const current = extensionOf(message, 'LIFETIME_CURRENT');
  const added = current?.addTime ?? 0;
  const { destination, protocol, spi, source } = sa;
  return {
    destination,
    protocol,
    spi,
    source,
    state: state === SA_STATE.larval ? 'larval' : state === SA_STATE.dying ? 'dying' : 'mature',
    mode: system.isTunnel(message) ? 'tunnel' : 'transport',
    bytes: current?.bytes ?? 0,
    ageSeconds: added === 0 ? undefined : Math.max(0, Math.floor(clock.wallTime() / 1000 - added)),
  };
}
