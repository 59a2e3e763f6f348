/** `inspect on [[ADDRESS:]PORT]`, `inspect off`, ours: the inspector's page of a running daemon. */
import { decodeOwn, encodeOwn } from '../../../services/admin/door/own-messages.js';
import { OWN_SERVICE } from '../../../services/admin/door/service.js';
import {
  formatInspectorPlace,
  inspectorPlace,
  readInspectorState,
  type InspectorState,
} from '../../../services/admin/inspector.js';
import { doorError, failed, type Outcome, unreadable, usageError } from '../outcome.js';
import type { Session } from '../session.js';

export async function inspectOn(session: Session, args: readonly string[]): Promise<Outcome> {
  const [text, ...more] = args;
  const place = text === undefined ? undefined : inspectorPlace(text);
  if (more.length > 0 || (text !== undefined && place === undefined))
    return usageError('inspect on may have a port, or an address of this host and a port: 127.0.0.1:8500');
  return set(session, {
    state: 'on',
    ...(place === undefined ? {} : { place: formatInspectorPlace(place) }),
  });
}

export function inspectOff(session: Session): Promise<Outcome> {
  return set(session, { state: 'off' });
}

async function set(session: Session, wish: object): Promise<Outcome> {
  const reply = await session.call(encodeOwn(OWN_SERVICE.INSPECT_SET, wish));
  if (!reply.ok) return failed(doorError('error setting the inspector', reply.error));
  const state = readInspectorState(decodeOwn(reply.value));
  if (state === undefined)
    return failed(doorError('error setting the inspector', unreadable('it holds no state')));
  return { notice: words(state), json: state };
}

function words(state: InspectorState): string {
  return state.state === 'on' ? `The inspector is at ${state.url}` : 'The inspector is off.';
}
