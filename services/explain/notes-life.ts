/** Notes on failures of delivery, of this host, and of what was wanted so. */
import type { CodeNote } from './code-note.js';

export const LIFE_NOTES = {
  'peer-silent': {
    why: 'UDP says nothing about what is lost. After which message the silence began tells most.',
    todo: [
      'See whether packets leave and come: capture UDP 500 and 4500 at both ends.',
      'Read the log of the peer at that time: a responder knows why it says nothing.',
    ],
    sources: ['RFC 2408 5.1', 'RFC 3947 4'],
  },
  'peer-dead': {
    why: 'Dead peer detection asked several times and heard nothing, and no packet of the peer has come in either. So what stood with it was cleared, to begin anew with the next packet, instead of sending into the void.',
    todo: [
      'See whether the peer runs and the path is open.',
      'If it happens while the peer is well, a filter or a NAT forgets the path when it is idle: a lower dpd_interval_secs keeps it open.',
    ],
    sources: ['RFC 3706 5'],
  },
  expired: {
    why: 'The peer answered, and then the negotiation stood still until expire_timer was over: it gave up without a word. With pre-shared keys and nothing after message 4 the two keys usually differ.',
    todo: ['Read the log of the peer at that time.', 'Compare the pre-shared keys.'],
    sources: ['RFC 2408 5.1', 'ike.config(5)'],
  },
  'phase1-lost': {
    why: 'A Quick Mode runs under a Phase 1 SA, and that was deleted by one of the two ends, or its lifetime was over, before the Quick Mode had come to its end.',
    todo: [
      'Nothing, if it happened once: the next packet begins anew.',
      'If it happens each time, the peer deletes its Phase 1 SA on purpose: its log says why.',
    ],
    sources: ['RFC 2408 3.15'],
  },
  'peer-refused': {
    why: 'The peer says no in a word, and its reason is in its own log. NO-PROPOSAL-CHOSEN is about algorithms, INVALID-ID-INFORMATION about networks or names, AUTHENTICATION-FAILED about keys and certificates, INVALID-COOKIE and INVALID-SPI about SAs that one end has lost, after a restart for instance.',
    todo: [
      'Read the log of the peer at that time.',
      'Compare its configuration with what would fit this host.',
    ],
    sources: ['RFC 2408 3.14.1', 'RFC 2409 5.7'],
  },
  'kernel-refused': {
    why: 'The two ends agreed, and the kernel would not take the SA: it lacks the algorithm, the key has a size that it does not accept, or its table of SAs is full.',
    todo: ['Change the algorithms of the policy to what this kernel has.', 'Look at the log of the kernel.'],
    sources: ['RFC 2367 3.1'],
  },
  'crypto-failed': {
    why: 'A computation that should always succeed did not. That is a fault of this host or of its OpenSSL, or a key that is too small for what it is used for.',
    todo: ['Read the log of this host at that time.', 'With rsa_encrypt: use a larger RSA key at the peer.'],
    sources: [],
  },
  'operator-deleted': {
    why: 'It was asked for, by ikeadm del or flush, or by locking a token.',
    todo: ['Nothing. The next packet begins anew.'],
    sources: ['ikeadm(8)'],
  },
  'crowded-out': {
    why: 'Anybody can begin a negotiation with a single packet. How many are kept that have proved nothing is limited, and the oldest make room.',
    todo: [
      'Nothing, if the peer is genuine: it tries again by itself.',
      'If it goes on, somebody floods this host: the log names the sources whose packets are dropped.',
    ],
    sources: ['RFC 2408 1.7.1'],
  },
  'daemon-stopping': {
    why: 'in.iked was told to stop while this was under way.',
    todo: ['Start it again.'],
    sources: [],
  },
  internal: {
    why: 'The program was somewhere it should not be able to be.',
    todo: [
      'Report it, with the log of that time and the recording that was written of it (ikeadm record list).',
    ],
    sources: [],
  },
} as const satisfies Readonly<Record<string, CodeNote>>;
