/** `explain PROPOSAL|FILE [peer ADDRESS] [local ADDRESS] [mode MODE]`, ours: would it be accepted, by which rule and why. */
import { dryRunRequest, readVerdict } from '../../../services/admin/door/own-dry-run.js';
import { decodeOwn, encodeOwn } from '../../../services/admin/door/own-messages.js';
import { OWN_SERVICE } from '../../../services/admin/door/service.js';
import { type Address, familyOf } from '../../../services/net/address.js';
import type { Offer, OfferFault } from '../../../services/offer-text/offer.js';
import { readOfferFile, readOfferText } from '../../../services/offer-text/read-offer.js';
import { err, ok, type Result } from '../../../services/result.js';
import { bailErrno, bailMessage, doorError, failed, type Outcome, usageError } from '../outcome.js';
import { verdictText } from '../print/verdict.js';
import type { Session } from '../session.js';
import { addressesNamed, unknownAddress } from './object-id.js';

interface Wish {
  readonly what: string;
  readonly peer: Address | undefined;
  readonly local: Address | undefined;
  readonly mode: 'main' | 'aggressive' | undefined;
}

export async function explain(session: Session, args: readonly string[]): Promise<Outcome> {
  const wish = await readWish(session, args);
  if (!wish.ok) return wish.error;
  const { what, ...said } = wish.value;
  const offer = await offerOf(session, what);
  if (!offer.ok) return offer.error;
  const peer = said.peer ?? offer.value.peer;
  const local = said.local ?? offer.value.local;
  if (peer !== undefined && local !== undefined && familyOf(peer) !== familyOf(local))
    return bailMessage('The peer and the local address are of different address families.');
  const asked = { transforms: offer.value.transforms, peer, local, mode: said.mode ?? offer.value.mode };
  const doing = 'error explaining';
  const reply = await session.call(encodeOwn(OWN_SERVICE.EXPLAIN, dryRunRequest(asked)));
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

/** Words before the first keyword are the proposal; a whole policy may be one word with line ends. */
async function readWish(session: Session, args: readonly string[]): Promise<Result<Wish, Outcome>> {
  const first = args.findIndex((word) => ['peer', 'local', 'mode'].includes(word));
  const what = args.slice(0, first < 0 ? args.length : first).join(' ');
  if (what === '') return err(usageError('explain needs a proposal, as in aes128-sha1-modp2048, or a file'));
  let wish: Wish = { what, peer: undefined, local: undefined, mode: undefined };
  const rest = first < 0 ? [] : args.slice(first);
  for (let at = 0; at < rest.length; at += 2) {
    const [keyword = '', value] = rest.slice(at, at + 2);
    if (value === undefined) return err(usageError(`explain: ${keyword} needs a value`));
    if (keyword === 'mode') {
      if (value !== 'main' && value !== 'aggressive')
        return err(usageError(`explain: mode is main or aggressive, not ${value}`));
      wish = { ...wish, mode: value };
    } else if (keyword === 'peer' || keyword === 'local') {
      const [address] = await addressesNamed(session, value);
      if (address === undefined) return err(bailMessage(unknownAddress(value)));
      wish = { ...wish, [keyword]: address };
    } else {
      return err(usageError(`explain: expected peer, local or mode, not ${keyword}`));
    }
  }
  return ok(wish);
}

/** A name with a path, or of a file that is there, is a file; `-` is what is pasted. */
async function offerOf(session: Session, what: string): Promise<Result<Offer, Outcome>> {
  const oneWord = !/[\s=(]/.test(what);
  const path = what === '-' ? '/dev/stdin' : what;
  const file = oneWord ? await session.world.files.forReading(path) : undefined;
  if (file?.ok === true) {
    const bytes = await file.value.read();
    await file.value.close();
    if (!bytes.ok) return err(bailErrno(`read ${what}: ${bytes.error}`));
    return told(readOfferFile(bytes.value), what);
  }
  if (file?.ok === false && (what === '-' || /[/.]/.test(what)))
    return err(bailErrno(`open ${what}: ${file.error}`));
  return told(readOfferText(what), undefined);
}

function told(read: Result<Offer, OfferFault>, file: string | undefined): Result<Offer, Outcome> {
  if (read.ok) return read;
  const { where, problem } = read.error;
  const place = file === undefined ? where : where === 'the file' ? file : `${file}: ${where}`;
  return err(bailMessage(`The proposal cannot be read: ${place}: ${problem}.`));
}
