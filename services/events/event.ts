/** Everything that happens, as typed facts. No event ever holds key material: secrets are handles and stay out. */
import type { Failure } from '../failure/failure.js';
import type { Endpoint } from '../net/address.js';
import type { SpiPair } from '../ports/kernel.js';

/** `ikeadm` debug categories that select what the debug log shows. */
export type EventCategory =
  'cert' | 'key' | 'op' | 'phase1' | 'phase2' | 'pfkey' | 'policy' | 'prop' | 'door' | 'config' | 'label';

/** Identifies one run of a chart within a daemon's life: `p1-3`, `p2-7`, `acquire-2`. */
export type NegotiationId = string;

export interface MessageSummary {
  /** `Main Mode`, `Quick Mode`, `Informational`. */
  readonly exchange: string;
  /** Position in its exchange from 1; 0 for Informational. */
  readonly number: number;
  /** Payload names in order, e.g. `['SA', 'VENDOR', 'VENDOR']`. */
  readonly payloads: readonly string[];
  readonly encrypted: boolean;
  readonly messageId: string;
  readonly bytes: number;
}

export type DaemonEvent =
  // the daemon itself
  | { readonly type: 'daemon.state'; readonly state: string }
  | {
      readonly type: 'config.read';
      readonly file: string;
      readonly rules: number;
      readonly presharedKeys: number;
    }
  | { readonly type: 'config.refused'; readonly file: string; readonly errors: readonly string[] }
  /** At the start: files with errors count as empty, because `ignore_errors` says so. */
  | { readonly type: 'config.ignored'; readonly errors: readonly string[] }
  | { readonly type: 'config.note'; readonly note: string }
  | {
      readonly type: 'config.changed';
      readonly change:
        'rule added' | 'rule deleted' | 'rules replaced' | 'key added' | 'keys deleted' | 'keys replaced';
      /** A label, two ends, or where it was read from. */
      readonly subject: string;
      /** How many there are now. */
      readonly rules: number;
      readonly presharedKeys: number;
    }
  /** An operator asked for the rules in use: one event each. */
  | { readonly type: 'config.rule'; readonly cookie: number; readonly text: string }
  /** `reason`: a sentence, where something went wrong; empty else. */
  | {
      readonly type: 'token.state';
      readonly token: string;
      readonly state: string;
      readonly reason: string;
    }
  | { readonly type: 'certificates.fetched'; readonly source: string }
  | { readonly type: 'certificates.fetch-failed'; readonly source: string; readonly reason: string }
  | { readonly type: 'socket.opened'; readonly local: Endpoint }
  | { readonly type: 'socket.closed'; readonly local: Endpoint }
  | {
      readonly type: 'socket.error';
      readonly local: Endpoint;
      readonly remote?: Endpoint;
      readonly error: string;
    }
  /** IPsec policies of the host apply to IKE's own packets, if there are any; one sentence, once. */
  | { readonly type: 'socket.not-bypassed'; readonly explanation: string }
  /** After a rotation. With an `error`, a code of the system, the log goes on in the file that was open. */
  | { readonly type: 'log.reopened'; readonly file: string; readonly error: string | undefined }
  | { readonly type: 'inspector.opened'; readonly url: string }
  | { readonly type: 'inspector.closed' }
  /** A failure was written to a file. */
  | { readonly type: 'recording.written'; readonly negotiation: NegotiationId; readonly file: string }
  /** It could not be written; `reason` is the host's. */
  | { readonly type: 'recording.failed'; readonly negotiation: NegotiationId; readonly reason: string }
  // the wire
  /** Who may begin a negotiation: `open`, `crowded` or `flooded`. `refused`: first messages refused so far. */
  | { readonly type: 'admission.state'; readonly state: string; readonly refused: number }
  /** At most once a second: `count` of them since the last time, the latest from `remote`. */
  | {
      readonly type: 'admission.refused';
      readonly remote: Endpoint;
      readonly reason: string;
      readonly count: number;
    }
  | {
      readonly type: 'datagram.dropped';
      readonly remote: Endpoint;
      readonly reason: string;
      readonly count: number;
    }
  | {
      readonly type: 'message.received';
      readonly negotiation: NegotiationId | undefined;
      readonly local: Endpoint;
      readonly remote: Endpoint;
      readonly message: MessageSummary;
    }
  | {
      readonly type: 'message.sent';
      readonly negotiation: NegotiationId | undefined;
      readonly local: Endpoint;
      readonly remote: Endpoint;
      readonly message: MessageSummary;
      /** 0 for the first time. */
      readonly retransmission: number;
    }
  | {
      readonly type: 'message.duplicate';
      readonly negotiation: NegotiationId;
      readonly remote: Endpoint;
      readonly answered: boolean;
    }
  | {
      readonly type: 'message.ignored';
      readonly negotiation: NegotiationId | undefined;
      readonly remote: Endpoint;
      readonly reason: string;
    }
  | {
      readonly type: 'notify.received';
      readonly negotiation: NegotiationId | undefined;
      readonly remote: Endpoint;
      readonly notify: string;
      readonly authenticated: boolean;
    }
  // negotiations
  | {
      readonly type: 'negotiation.started';
      readonly negotiation: NegotiationId;
      /** Key of the chart that runs: `main-mode-initiator`, ... */
      readonly chart: string;
      readonly local: Endpoint;
      readonly remote: Endpoint;
      readonly rule: string | undefined;
      /** The acquire or Phase 1 it belongs to. */
      readonly parent: NegotiationId | undefined;
    }
  | {
      readonly type: 'negotiation.rule';
      readonly negotiation: NegotiationId;
      readonly rule: string;
    }
  /** The suite, as `services/proposal/suite-words.ts` puts it; once for each protocol of a Quick Mode. */
  | { readonly type: 'negotiation.agreed'; readonly negotiation: NegotiationId; readonly suite: string }
  /** Which pre-shared key is used and why it was chosen; one sentence, and never a key. */
  | { readonly type: 'negotiation.key'; readonly negotiation: NegotiationId; readonly why: string }
  /** Something of the peer's that we let pass, or clipped; one clause. */
  | { readonly type: 'negotiation.note'; readonly negotiation: NegotiationId; readonly note: string }
  | {
      readonly type: 'negotiation.transition';
      readonly negotiation: NegotiationId;
      /** Ids of the edges taken, as in the chart's description: `<state id>#<event>#<branch>`. */
      readonly edges: readonly string[];
      readonly event: string;
    }
  | {
      readonly type: 'negotiation.state';
      readonly negotiation: NegotiationId;
      readonly active: readonly string[];
      readonly context: Readonly<Record<string, string | number | boolean>>;
    }
  /** A Phase 1 SA has no successor yet; it stands until its lifetime is over. */
  | { readonly type: 'phase1.not-renewed'; readonly negotiation: NegotiationId; readonly failure: Failure }
  | { readonly type: 'negotiation.suspicion'; readonly negotiation: NegotiationId; readonly failure: Failure }
  | {
      readonly type: 'negotiation.ended';
      readonly negotiation: NegotiationId;
      readonly outcome: 'established' | 'installed' | 'answered' | 'failed' | 'refused' | 'gone';
      readonly failure: Failure | undefined;
    }
  // security associations
  | {
      readonly type: 'phase1.established';
      readonly negotiation: NegotiationId;
      readonly cookies: string;
      readonly role: 'initiator' | 'responder';
    }
  | { readonly type: 'phase1.gone'; readonly cookies: string; readonly reason: string }
  | {
      readonly type: 'phase2.installed';
      readonly negotiation: NegotiationId;
      readonly pairs: readonly SpiPair[];
    }
  /** Everything that stood with it was cleared; the next packet begins anew. */
  | {
      readonly type: 'peer.dead';
      readonly negotiation: NegotiationId;
      readonly remote: Endpoint;
      /** IPsec SAs that went with it, those of one Quick Mode counted once. */
      readonly phase2: number;
      readonly failure: Failure;
    }
  | { readonly type: 'phase2.gone'; readonly pairs: readonly SpiPair[]; readonly reason: string }
  // ports
  | { readonly type: 'kernel.acquire'; readonly id: number; readonly local: string; readonly remote: string }
  | { readonly type: 'kernel.expire'; readonly spi: number; readonly limit: 'soft' | 'hard' }
  | {
      readonly type: 'kernel.call';
      readonly call: string;
      readonly detail: string;
      readonly error: string | undefined;
    }
  | {
      readonly type: 'kernel.packet';
      readonly direction: 'out' | 'in';
      readonly form: 'esp' | 'clear';
      readonly bytes: number;
    }
  /** Packets of an SA are lost: one sentence. Told once for each SA. */
  | { readonly type: 'kernel.unable'; readonly explanation: string }
  /** What an operator should know of the kernel in use: one sentence. */
  | { readonly type: 'kernel.note'; readonly note: string }
  | {
      readonly type: 'door.request';
      readonly command: string;
      readonly error: string | undefined;
      /** Who asked; undefined where the transport cannot know. */
      readonly uid: number | undefined;
      readonly rights: 'all' | 'token' | 'token.login' | 'token.logout';
    }
  | { readonly type: 'internal.error'; readonly where: string; readonly error: string };
