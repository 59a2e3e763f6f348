/**
 * `explain PROPOSAL|FILE [peer ADDRESS] [local ADDRESS] [mode MODE] [ours NET] [theirs NET] [keys FILE]`, ours: would it be
 * accepted, by which rule and why. `mode quick`, and networks, say that Phase 2 is meant; `keys` opens a capture.
 */
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { dryRunRequest, readVerdict } from '../../../services/admin/door/own-dry-run.js';
import { phase2DryRunRequest } from '../../../services/admin/door/own-dry-run-phase2.js';
import { decodeOwn, encodeOwn } from '../../../services/admin/door/own-messages.js';
import { OWN_SERVICE } from '../../../services/admin/door/service.js';
import { type Address, familyOf } from '../../../services/net/address.js';
import type { OfferFault } from '../../../services/offer-text/offer.js';
import { readKeyTable } from '../../../services/offer-text/key-table.js';
import type { Opener } from '../../../services/offer-text/opened-quick-mode.js';
import { trafficOf } from '../../../services/offer-text/phase2-typed.js';
import { type AnyOffer, readOfferFile, readOfferText } from '../../../services/offer-text/read-offer.js';
import { readTrafficSide, type TypedSide } from '../../../services/offer-text/traffic-text.js';
import type { TrafficSelectors } from '../../../services/ports/kernel.js';
import { err, ok, type Result } from '../../../services/result.js';
import { bailErrno, bailMessage, doorError, failed, type Outcome, usageError } from '../outcome.js';
import { verdictText } from '../print/verdict.js';
import type { Session } from '../session.js';
import { addressesNamed, unknownAddress } from './object-id.js';

const MODES = ['main', 'aggressive', 'quick'] as const;
type Mode = (typeof MODES)[number];
const KEYWORDS = ['peer', 'local', 'mode', 'ours', 'theirs', 'keys'] as const;
type Keyword = (typeof KEYWORDS)[number];

interface Wish {
  readonly what: string;
  readonly peer?: Address;
  readonly local?: Address;
  readonly mode?: Mode;
  readonly ours?: TypedSide;
  readonly theirs?: TypedSide;
  /** Path of a key table. */
  readonly keys?: string;
}

export async function explain(session: Session, args: readonly string[]): Promise<Outcome> {
  const wish = await readWish(session, args);
  if (!wish.ok) return wish.error;
  const { mode, ours, theirs, keys } = wish.value;
  const traffic = trafficOf(theirs, ours);
  if (typeof traffic === 'string') return bailMessage(`explain: ${traffic}.`);
  // Phase 1 of a capture needs no keys.
  const isPhase2 = mode === 'quick' || traffic !== undefined || (keys !== undefined && mode === undefined);
  const phase = isPhase2 ? 2 : mode === undefined ? undefined : 1;
  if (traffic !== undefined && mode !== undefined && mode !== 'quick')
    return usageError(`explain: networks belong to Phase 2, which is mode quick, not ${mode}`);
  const offer = await offerOf(session, wish.value, phase);
  if (!offer.ok) return offer.error;
  const request = requestFor(offer.value, { ...wish.value, ...(traffic && { traffic }) });
  if (!request.ok) return request.error;
  const doing = 'error explaining';
  const reply = await session.call(encodeOwn(OWN_SERVICE.EXPLAIN, request.value));
  if (!reply.ok) return failed(doorError(doing, reply.error));
  const verdict = readVerdict(decodeOwn(reply.value));
  if (verdict === undefined)
    return failed(doorError(doing, { kind: 'unreadable', why: 'it holds no verdict' }));
  const whole = { ...verdict, remarks: [...offer.value.remarks, ...verdict.remarks] };
  const text = verdictText(whole);
  if (verdict.accepted) return { text, json: whole };
  const [first = '', ...after] = text.trimEnd().split('\n');
  return { json: whole, error: { form: 'message', text: first, after, exit: 1 } };
}

/** What was said on the command line goes before what the offer says of itself. */
function requestFor(
  offer: AnyOffer,
  said: Wish & { readonly traffic?: TrafficSelectors },
): Result<object, Outcome> {
  const peer = said.peer ?? offer.peer;
  const local = said.local ?? offer.local;
  if (peer !== undefined && local !== undefined && familyOf(peer) !== familyOf(local))
    return err(bailMessage('The peer and the local address are of different address families.'));
  if (offer.phase === 2) {
    const traffic = said.traffic ?? offer.traffic;
    return ok(phase2DryRunRequest({ proposals: offer.proposals, traffic, peer, local }));
  }
  const mode = said.mode === 'quick' ? undefined : (said.mode ?? offer.mode);
  return ok(dryRunRequest({ transforms: offer.transforms, peer, local, mode }));
}

/** Words before the first keyword are the proposal; a whole policy may be one word with line ends. */
async function readWish(session: Session, args: readonly string[]): Promise<Result<Wish, Outcome>> {
  const first = args.findIndex(isKeyword);
  const what = args.slice(0, first < 0 ? args.length : first).join(' ');
  if (what === '') return err(usageError('explain needs a proposal, as in aes128-sha1-modp2048, or a file'));
  let wish: Wish = { what };
  const rest = first < 0 ? [] : args.slice(first);
  for (let at = 0; at < rest.length; at += 2) {
    const [keyword = '', value] = rest.slice(at, at + 2);
    if (!isKeyword(keyword))
      return err(usageError(`explain: expected ${KEYWORDS.slice(0, -1).join(', ')} or keys, not ${keyword}`));
    if (value === undefined) return err(usageError(`explain: ${keyword} needs a value`));
    if (keyword === 'mode') {
      const mode = MODES.find((one) => one === value);
      if (mode === undefined)
        return err(usageError(`explain: mode is main, aggressive or quick, not ${value}`));
      wish = { ...wish, mode };
    } else if (keyword === 'keys') {
      wish = { ...wish, keys: value };
    } else if (keyword === 'peer' || keyword === 'local') {
      const [address] = await addressesNamed(session, value);
      if (address === undefined) return err(bailMessage(unknownAddress(value)));
      wish = { ...wish, [keyword]: address };
    } else {
      const side = readTrafficSide(value);
      if (!side.ok) return err(bailMessage(`explain: ${keyword}: ${side.error}.`));
      wish = { ...wish, [keyword]: side.value };
    }
  }
  return ok(wish);
}

function isKeyword(word: string): word is Keyword {
  return KEYWORDS.some((keyword) => keyword === word);
}

/** A name with a path, or of a file that is there, is a file; `-` is what is pasted. */
async function offerOf(
  session: Session,
  { what, keys: table }: Wish,
  phase: 1 | 2 | undefined,
): Promise<Result<AnyOffer, Outcome>> {
  const oneWord = !/[\s=(]/.test(what);
  const file = oneWord ? await contentOf(session, what) : undefined;
  if (file?.ok === true) {
    if (table === undefined) return told(readOfferFile(file.value, phase), what);
    return withKeys(session, table, (opener) => told(readOfferFile(file.value, phase, opener), what));
  }
  if (file?.ok === false && (what === '-' || /[/.]/.test(what) || file.error.startsWith('read')))
    return err(bailErrno(file.error));
  if (table !== undefined)
    return err(bailMessage('explain: keys open a capture, and no proposal that is typed.'));
  return told(readOfferText(what, phase), undefined);
}

/** The keys are held as long as `read` takes. */
async function withKeys(
  session: Session,
  path: string,
  read: (opener: Opener) => Result<AnyOffer, Outcome>,
): Promise<Result<AnyOffer, Outcome>> {
  const content = await contentOf(session, path);
  if (!content.ok) return err(bailErrno(content.error));
  const keys = new KeyStore();
  const table = readKeyTable(new TextDecoder().decode(content.value), keys);
  content.value.fill(0);
  if (!table.ok) {
    const { where, problem } = table.error;
    const place = where === 'the file' ? path : `${path}: ${where}`;
    return err(bailMessage(`The keys cannot be read: ${place}: ${problem}.`));
  }
  const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false });
  try {
    return read({ table: table.value, crypto });
  } finally {
    for (const key of table.value.values()) crypto.erase(key);
  }
}

/** The error is what could not be done, and why. */
async function contentOf(session: Session, name: string): Promise<Result<Uint8Array, string>> {
  const file = await session.world.files.forReading(name === '-' ? '/dev/stdin' : name);
  if (!file.ok) return err(`open ${name}: ${file.error}`);
  const bytes = await file.value.read();
  await file.value.close();
  return bytes.ok ? bytes : err(`read ${name}: ${bytes.error}`);
}

function told(read: Result<AnyOffer, OfferFault>, file: string | undefined): Result<AnyOffer, Outcome> {
  if (read.ok) return read;
  const { where, problem } = read.error;
  const place = file === undefined ? where : where === 'the file' ? file : `${file}: ${where}`;
  return err(bailMessage(`The proposal cannot be read: ${place}: ${problem}.`));
}
