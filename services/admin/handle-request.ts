/** The door's one entrance: a call in, bytes of its reply out. Nothing a client sends can make it throw. */
import type { Bytes } from '../bytes.js';
import { err, ok } from '../result.js';
import type { Administration } from './administration.js';
import type { Caller, CallerRights, DoorCall } from './door-call.js';
import type { AboutDoor } from './door/about-door.js';
import { CMD, encodeError } from './door/heads.js';
import { encodeOwn } from './door/own-messages.js';
import { OWN_SERVICE, SERVICE, serviceName } from './door/service.js';
import { refuse, type Answer, type Handler } from './requests/answer.js';
import { CERTIFICATE_HANDLERS } from './requests/certificates.js';
import { DOCTOR_HANDLERS } from './requests/doctor.js';
import { EVENT_HANDLERS } from './requests/events.js';
import { DRY_RUN_HANDLERS } from './requests/dry-run.js';
import { INSPECTOR_HANDLERS } from './requests/inspector.js';
import { LOAD_HANDLERS } from './requests/load.js';
import { LIST_HANDLERS } from './requests/lists.js';
import { PACKET_HANDLERS } from './requests/packets.js';
import { PHASE1_HANDLERS } from './requests/phase1.js';
import { PRESHARED_HANDLERS } from './requests/preshared.js';
import { RECORDER_HANDLERS } from './requests/recorder.js';
import { RULE_HANDLERS } from './requests/rules.js';
import { SETTINGS_HANDLERS } from './requests/settings.js';
import { TEXT_HANDLERS } from './requests/texts.js';
import { TOKEN_HANDLERS } from './requests/tokens.js';
import { UP_HANDLERS } from './requests/up.js';
import { WHY_HANDLERS } from './requests/why.js';

const HANDLERS: ReadonlyMap<number, Handler> = new Map([
  ...PHASE1_HANDLERS,
  ...SETTINGS_HANDLERS,
  ...LIST_HANDLERS,
  ...UP_HANDLERS,
  ...PACKET_HANDLERS,
  ...LOAD_HANDLERS,
  ...CERTIFICATE_HANDLERS,
  ...RULE_HANDLERS,
  ...PRESHARED_HANDLERS,
  ...TEXT_HANDLERS,
  ...TOKEN_HANDLERS,
  ...WHY_HANDLERS,
  ...DRY_RUN_HANDLERS,
  ...DOCTOR_HANDLERS,
  ...RECORDER_HANDLERS,
  ...EVENT_HANDLERS,
  ...INSPECTOR_HANDLERS,
]);

/** What callers without all rights may ask. */
const COMMANDS_OF: Readonly<Record<Exclude<CallerRights, 'all'>, readonly number[]>> = {
  token: [SERVICE.SET_PIN, SERVICE.DEL_PIN],
  'token.login': [SERVICE.SET_PIN],
  'token.logout': [SERVICE.DEL_PIN],
};

/** What was asked and how it ended; `error` is the name of the refusal. */
export interface DoorObservation {
  readonly command: string;
  readonly error: string | undefined;
  readonly caller: Caller;
  /** What the administration threw, a defect; the client sees SYS_ERR only. */
  readonly defect?: unknown;
}

/** Never rejects: refusals, malformed requests and defects all become IKE_SVC_ERROR. */
export async function handleRequest(
  call: DoorCall,
  admin: Administration,
  observe: (observation: DoorObservation) => void = () => undefined,
): Promise<Bytes> {
  const number = CMD.read(call.request)?.number('cmd');
  const command = number === undefined ? 'no command' : serviceName(number);
  let answer: Answer;
  let defect: unknown;
  try {
    answer = await answerTo(number, call, admin);
  } catch (thrown) {
    defect = thrown;
    answer = err({ name: 'SYS_ERR' });
  }
  observe({
    command,
    error: answer.ok ? undefined : answer.error.name,
    caller: call.caller,
    ...(defect === undefined ? {} : { defect }),
  });
  return answer.ok ? answer.value : encodeError(answer.error);
}

function answerTo(
  number: number | undefined,
  { request, files, takesFiles, caller }: DoorCall,
  admin: Administration,
): Answer | Promise<Answer> {
  if (number === undefined) return refuse('REQ_INVALID');
  if (caller.rights !== 'all' && !COMMANDS_OF[caller.rights].includes(number)) return refuse('NO_AUTH');
  if (number === OWN_SERVICE.ABOUT_DOOR) return ok(encodeOwn(number, { takesFiles } satisfies AboutDoor));
  const handler = HANDLERS.get(number);
  if (handler === undefined) {
    if (number >= SERVICE.ERROR) return refuse('CMD_INVALID');
    return refuse('CMD_NOTSUP');
  }
  if (admin.privilege() < handler.needs) return refuse('NO_PRIV');
  return handler.answer(request, admin, files);
}
