/**
 * Proposal, inside an SA payload (RFC 2408 3.5); the generic header stands before it.
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +---------------+---------------+---------------+---------------+
 *    !  Proposal #   !  Protocol-Id  !    SPI Size   !# of Transforms!
 *    +---------------+---------------+---------------+---------------+
 *    !                        SPI (variable)                         !
 *    +---------------------------------------------------------------+
 *    !                          Transforms                           !
 *    +---------------------------------------------------------------+
 */
import { NO_BYTES } from '../../bytes.js';
import { announces, fieldList, followedBy, sized, u8, type ValueOf } from '../fields.js';
import type { ValueFault } from '../payload-codec.js';
import { NOTIFY } from '../registries/notify-types.js';
import { PAYLOAD } from '../registries/payload-types.js';
import { PROTOCOL } from '../registries/protocols.js';
import { substructures } from '../substructures.js';
import { spiFault } from './spi.js';
import { transforms, transformsFault } from './transform.js';

const FIELDS = fieldList({
  number: u8,
  protocol: followedBy(u8, announces('SPI', 1), announces('transforms', 1)),
  spi: sized('SPI'),
  transforms,
});

export type Proposal = ValueOf<typeof FIELDS>;

const MOST_PROPOSALS = 64;

export const proposals = substructures(
  FIELDS,
  () => ({ number: 0, protocol: 0, spi: NO_BYTES, transforms: [] }),
  {
    type: PAYLOAD.proposal,
    structure: 'proposal',
    most: MOST_PROPOSALS,
  },
);

function syntax(code: ValueFault['code'], explanation: string): ValueFault {
  return { code, explanation, notify: NOTIFY.badProposalSyntax };
}

/** Why the proposals of one SA payload are not acceptable, or undefined. */
export function proposalsFault(list: readonly Proposal[]): ValueFault | undefined {
  if (list.length === 0) return syntax('empty', 'it has no proposal');
  if (list.length > MOST_PROPOSALS)
    return syntax('too-many', `it has more than ${String(MOST_PROPOSALS)} proposals`);
  let before = 0;
  for (const proposal of list) {
    // RFC 2408 4.2: numbers never fall; equal ones are to be taken together.
    if (proposal.number < before) {
      return syntax(
        'bad-number',
        `proposal ${String(proposal.number)} stands after proposal ${String(before)}`,
      );
    }
    before = proposal.number;
    const fault = proposalFault(proposal);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function proposalFault(proposal: Proposal): ValueFault | undefined {
  const { number, protocol, spi } = proposal;
  if (protocol < PROTOCOL.isakmp || protocol > PROTOCOL.ipcomp) {
    const explanation = `proposal ${String(number)} is for the unknown protocol ${String(protocol)}`;
    return { code: 'bad-protocol', explanation, notify: NOTIFY.invalidProtocolId };
  }
  // RFC 2408 3.5: in Phase 1 the SPI may be 0 to 16 bytes long and its content is ignored.
  const spiWrong = protocol === PROTOCOL.isakmp ? longSpiFault(spi.length) : spiFault(protocol, spi);
  if (spiWrong !== undefined) {
    const explanation = `in proposal ${String(number)}, ${spiWrong}`;
    return { code: 'bad-spi', explanation, notify: NOTIFY.invalidSpi };
  }
  const transformWrong = transformsFault(proposal.transforms);
  if (transformWrong === undefined) return undefined;
  const explanation = `in proposal ${String(number)}, ${transformWrong}`;
  return { code: 'bad-value', explanation, notify: NOTIFY.badProposalSyntax };
}

function longSpiFault(length: number): string | undefined {
  return length > 16 ? `the SPI is ${String(length)} bytes long where 16 are the most` : undefined;
}
