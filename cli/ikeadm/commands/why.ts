/** `why [ID|PEER|last]`, ours: why something failed, or where it stands. */
import { decodeOwn, encodeOwn } from '../../../services/admin/door/own-messages.js';
import {
  formatWhySubject,
  readExplanations,
  whySubject,
} from '../../../services/admin/door/own-explanations.js';
import { DOOR_ERROR } from '../../../services/admin/door/door-error.js';
import { OWN_SERVICE } from '../../../services/admin/door/service.js';
import type { WhySubject } from '../../../services/admin/explanation-administration.js';
import { doorError, failed, type Outcome, usageError } from '../outcome.js';
import { explanationText } from '../print/explanation.js';
import type { Session } from '../session.js';
import { addressesNamed } from './object-id.js';

const NOTHING = 'Nothing has failed since in.iked started.\n';

export async function why(session: Session, args: readonly string[]): Promise<Outcome> {
  const [text = 'last', ...more] = args;
  if (more.length > 0) return usageError('why takes one of: an id such as p1-3, a peer, or last');
  const own = whySubject(text);
  if (own !== undefined) return ask(session, own);
  const [address] = await addressesNamed(session, text);
  return address === undefined
    ? usageError(
        `why: ${text} is neither an id such as p1-3 or p2-1, nor an address or host name, nor "last"`,
      )
    : ask(session, { kind: 'peer', address });
}

async function ask(session: Session, subject: WhySubject): Promise<Outcome> {
  const doing = 'error asking why';
  const reply = await session.call(encodeOwn(OWN_SERVICE.WHY, { subject: formatWhySubject(subject) }));
  if (!reply.ok) {
    const error = doorError(doing, reply.error);
    const missing = reply.error.kind === 'refused' && reply.error.code === DOOR_ERROR.NO_OBJ;
    return failed(missing ? { ...error, text: `Nothing is known of ${formatWhySubject(subject)}.` } : error);
  }
  const explanations = readExplanations(decodeOwn(reply.value));
  if (explanations === undefined)
    return failed(doorError(doing, { kind: 'unreadable', why: 'it holds no explanations' }));
  const text = explanations.length === 0 ? NOTHING : explanations.map(explanationText).join('\n');
  return { text, json: { explanations } };
}
