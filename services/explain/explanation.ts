/**
 * Why something failed, or where it stands, as data: `ikeadm why` prints it, the inspector's page shows it. It goes over
 * the door and to the page as JSON, so that all of it is text and numbers. It never holds key material.
 */
import type { Blame, Comparison, NamedPlace } from '../failure/failure.js';

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** One thing to do. `lines` are to be written as they stand. */
export interface Change {
  readonly at: 'this host' | 'the peer' | 'either end';
  readonly what: string;
  readonly place?: NamedPlace;
  readonly lines?: readonly string[];
}

/** What would fit us at the other end, in the words of its make. */
export interface Equivalent {
  readonly product: 'strongSwan' | 'libreswan' | 'Cisco IOS';
  /** `swanctl.conf`, ... */
  readonly file: string;
  readonly lines: readonly string[];
}

/** What an explanation is about. Times in milliseconds of `Clock.now()`. */
export interface Subject {
  /** `p1-3`; empty where nothing had begun. */
  readonly negotiation: string;
  readonly chart: string;
  readonly local: string;
  readonly remote: string;
  readonly rule: string;
  /** What asked for it, and what it asked for. */
  readonly related: readonly string[];
  readonly beganMsAgo: number;
  /** Undefined while it is under way or stands. */
  readonly endedMsAgo?: number;
}

export type Standing = 'failed' | 'under way' | 'established' | 'gone' | 'unknown';

export interface Explanation {
  readonly about: Subject;
  readonly standing: Standing;
  /** Of `services/failure/codes.ts`, when it failed. */
  readonly code?: string;
  /** One line. */
  readonly summary: string;
  /** What happened here and now, or where it is. */
  readonly happened: string;
  /** `message 5 of Main Mode: identity and proof of the initiator`; empty when there was none. */
  readonly where: string;
  readonly blame?: { readonly who: Blame; readonly words: string };
  /** What this usually means. */
  readonly why: string;
  readonly evidence: readonly Fact[];
  readonly changes: readonly Change[];
  /** Nearest first. */
  readonly comparisons: readonly Comparison[];
  readonly equivalents: readonly Equivalent[];
  /** As in `RFC 2409 5`. */
  readonly sources: readonly string[];
  /** The latest messages of it, oldest first, one line each. */
  readonly messages: readonly string[];
}

export const BLAME_WORDS: Readonly<Record<Blame, string>> = {
  peer: 'the peer: it does not do what it should, or its configuration is wrong',
  local: 'this host',
  config: 'the two configurations: they do not fit together',
  network: 'the path between the two, or a peer that is not there',
};
