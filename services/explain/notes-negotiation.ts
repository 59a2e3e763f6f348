/** Notes on failures of offers, keys and identities. */
import type { CodeNote } from './code-note.js';

export const NEGOTIATION_NOTES = {
  'no-rule': {
    why: 'Rules are chosen by the two addresses of the packet, in the order of the file. Either none was written for this peer, or the peer comes from, or is reached at, another address than the rule says: behind a NAT that is the address of the NAT, and with several interfaces the local one may be another than expected.',
    todo: [
      'Compare the two addresses with local_addr and remote_addr of the rule that is meant for this peer.',
      'Add a rule, or widen the addresses of one; then load it with ikeadm read rule or SIGHUP.',
    ],
    sources: ['ike.config(5)'],
  },
  'rule-unusable': {
    why: 'The file is valid, and the rule names something that this version does not have. It was left out of the rules in use; the log said so when the file was read.',
    todo: [
      'Give the rule a p1_xform that this version has; in.iked -c names what is missing and ikeadm dump lists what there is.',
    ],
    sources: ['ike.config(5)'],
  },
  'wrong-mode': {
    why: 'The initiator decides between Main and Aggressive Mode, and a rule allows one or both by ike_mode.',
    todo: [
      'Set the peer to Main Mode, which hides the identities.',
      'If it cannot: ike_mode both in the rule. Under a pre-shared key Aggressive Mode gives a listener something to try passwords on.',
    ],
    sources: ['RFC 2409 5', 'ike.config(5)'],
  },
  'no-preshared-key': {
    why: 'In Main Mode the key is needed before the peer can say who it is, so that addresses alone choose it: the entry of ike.preshared whose localid and remoteid cover the two. In Aggressive Mode names count, too.',
    todo: [
      'Add an entry for these two addresses to ike.preshared, or correct the nearest one.',
      'Behind a NAT remoteid must be the address of the NAT, or a prefix that holds it.',
    ],
    sources: ['RFC 2409 5.4', 'ike.preshared(5)'],
  },
  'wrong-preshared-key': {
    why: 'The key goes into the encryption of messages 5 and 6. With two different keys each end sees noise, and nothing on the wire says why: this is inferred. Usual causes: a digit, a blank or a line end too many; text at one end and hex at the other; an entry that covers this address but was meant for another peer.',
    todo: [
      'Compare the entry that was used with the key at the peer. In ike.preshared a key is hex digits without 0x; at other makes 0x or 0s stands before coded bytes, and text stands as it is, so that its bytes in hex are the key here.',
      'If the entry used is not the one meant for this peer, make its addresses narrower: the most exact one wins.',
      'Set the key anew at both ends from one source.',
    ],
    sources: ['RFC 2409 5', 'RFC 2409 5.4', 'ike.preshared(5)'],
  },
  'no-common-phase1-proposal': {
    why: 'The initiator offers whole sets of algorithms, and the responder must take one set as it is: one differing attribute is enough to refuse it. Lifetimes need not agree: the shorter one is taken.',
    todo: [
      'Change one end so that all attributes of one row agree. The nearest row comes first, and what differs is marked.',
      'Before the next attempt ask ikeadm explain PROPOSAL: it answers at once, and sends nothing.',
    ],
    sources: ['RFC 2409 5', 'RFC 2408 4.2'],
  },
  'bad-message': {
    why: 'The message is one that could have been right for another authentication method.',
    todo: ['Look for an update of the peer, and report it there with a capture.'],
    sources: ['RFC 2409 5'],
  },
  'bad-phase1-choice': {
    why: 'A responder must repeat one of the transforms offered, unchanged. Some old peers add or drop attributes.',
    todo: [
      'Offer only one transform, of a single key length, so that there is nothing to choose.',
      'Look for an update of the peer.',
    ],
    sources: ['RFC 2408 4.2', 'RFC 2409 5'],
  },
  'no-common-phase2-proposal': {
    why: 'Phase 1 is well. What is asked for is decided by the IPsec policy, not by ike.config: algorithms, AH or ESP, tunnel or transport, and whether the NAT on the way was seen by both ends.',
    todo: [
      'Change the ipsec { } part of the policy, or the ESP proposal of the peer, so that all attributes of one row agree.',
      'Before the next attempt ask ikeadm explain esp=PROPOSAL: it answers at once, and sends nothing.',
    ],
    sources: ['RFC 2409 5.5', 'RFC 2407 4.5', 'ipsecconf(8)'],
  },
  'several-sa-payloads': {
    why: 'RFC 2409 allows it, hardly anybody does it, and this program takes one set of SAs in each Quick Mode.',
    todo: ['Make the peer negotiate each set of SAs in a Quick Mode of its own.'],
    sources: ['RFC 2409 5.5'],
  },
  'ah-behind-nat': {
    why: 'A NAT is in the way. AH authenticates the IP addresses, which the NAT rewrites, so that no packet would be accepted.',
    todo: ['Give the policy an alternative with ESP alone, at both ends.'],
    sources: ['RFC 3947 5', 'RFC 3715 2.1'],
  },
  'bad-phase2-choice': {
    why: 'A responder must repeat one of the proposals offered, unchanged. Some old peers change lifetimes or the encapsulation mode instead of refusing.',
    todo: [
      'Offer what the peer chose, if that is acceptable: compare it with the policy.',
      'Look for an update of the peer.',
    ],
    sources: ['RFC 2409 5.5'],
  },
  'no-policy': {
    why: 'Phase 1 is well. What may be protected with this peer is decided by the IPsec policies of this host, and none has these networks with it as the other end. IKEv1 cannot narrow what was asked for: the two ends must name the same networks.',
    todo: [
      'Compare the networks with the policy: a prefix length too short or too long is the usual cause.',
      'Add a policy for this traffic, or correct the networks at the peer.',
    ],
    sources: ['RFC 2409 5.5', 'ipsecconf(8)'],
  },
  'selector-mismatch': {
    why: 'IKEv1 cannot narrow networks: the responder must repeat what was asked for. A peer that answers with other networks would protect other traffic than we do, and packets would vanish.',
    todo: ['Write the same networks into the policies of both ends, each the mirror of the other.'],
    sources: ['RFC 2409 5.5'],
  },
  'pfs-mismatch': {
    why: 'Perfect forward secrecy is asked for by the initiator with a Diffie-Hellman group of its own. The two ends must agree on the group, or that there is none.',
    todo: [
      'Set p2_pfs of the rule and the PFS group of the peer to the same group, or to none at both.',
      'Before the next attempt ask ikeadm explain esp=PROPOSAL: it answers at once, and sends nothing.',
    ],
    sources: ['RFC 2409 5.5', 'ike.config(5)'],
  },
  'bad-public-value': {
    why: 'The number has the wrong length or lies in a small subgroup, where the secret could be guessed. A peer that is well never sends one: its implementation is broken, it uses another group than it says, or somebody changes its messages.',
    todo: [
      'Try another group at both ends.',
      'Compare a capture of both ends: if they differ, somebody changes packets on the way.',
    ],
    sources: ['RFC 2412 appendix E', 'RFC 6989 2'],
  },
  'identity-mismatch': {
    why: 'The peer has the right key, and calls itself something that the rule or the entry of ike.preshared does not allow. In Main Mode with a pre-shared key the identity must be the address that the peer has, because the address chose the key.',
    todo: [
      'Set the identity of the peer to what this end expects.',
      'Or allow what it sends: remote_id of the rule, or remoteid of the entry.',
    ],
    sources: ['RFC 2409 5.4', 'RFC 2407 4.6.2', 'ike.config(5)'],
  },
  'bad-identity': {
    why: 'The identity is of a kind or form that RFC 2407 does not allow in this place.',
    todo: ['Set another type of identity at the peer: an address, a host name, a subnet.'],
    sources: ['RFC 2407 4.6.2'],
  },
  'bad-proof': {
    why: 'The peer does not hold the private key that belongs to its certificate, one of the two ends could not open what the other encrypted, or messages were changed on the way. With pre-shared keys in Aggressive Mode it means that the two keys differ.',
    todo: [
      'Compare the pre-shared key, or the certificate of the peer that is stored here with the one that it uses.',
      'Compare captures of both ends: if they differ, somebody changes packets.',
    ],
    sources: ['RFC 2409 5'],
  },
} as const satisfies Readonly<Record<string, CodeNote>>;
