/** Where a negotiation or an SA is, and what it waits for; or why it is gone though nothing failed. */
import type { Explanation, Fact, Subject } from './explanation.js';
import type { Course } from './explain-failure.js';
import { placeInWords } from './message-words.js';

/** A state of a chart, as the chart describes itself. */
export interface StateWords {
  /** `awaitingChoice`. */
  readonly state: string;
  readonly description: string;
  /** What it has begun and waits for: port calls such as `crypto.sharedSecret`. */
  readonly jobs: readonly string[];
}

const NOTHING = {
  why: '',
  changes: [],
  comparisons: [],
  equivalents: [],
  sources: [],
  where: '',
} as const satisfies Partial<Explanation>;

export interface UnderWay {
  readonly exchange: string;
  readonly states: readonly StateWords[];
  /** Number of the message of the peer that it can take now. */
  readonly expects: number | undefined;
  readonly evidence: readonly Fact[];
}

export function explainUnderWay(about: Subject, now: UnderWay, course: Course): Explanation {
  const jobs = now.states.flatMap(({ jobs: begun }) => begun);
  const waits =
    jobs.length > 0
      ? `It waits for ${jobs.join(' and ')}, which this host does.`
      : now.expects === undefined
        ? ''
        : `It waits for ${placeInWords(now.exchange, now.expects)}, from the peer.`;
  const [first] = now.states;
  return {
    ...NOTHING,
    about,
    standing: 'under way',
    summary:
      first === undefined
        ? 'it is under way'
        : `under way, in state ${now.states.map(({ state }) => state).join(' and ')}`,
    happened: [first?.description ?? '', waits].filter((words) => words !== '').join(' '),
    where: now.expects === undefined ? '' : placeInWords(now.exchange, now.expects),
    evidence: [...now.evidence, ...course.remarks.map((value) => ({ name: 'noticed', value }))],
    messages: course.messages,
  };
}

export interface Established {
  readonly states: readonly StateWords[];
  /** One sentence: what it is and until when. */
  readonly words: string;
  readonly evidence: readonly Fact[];
}

export function explainEstablished(about: Subject, { states, words, evidence }: Established): Explanation {
  const idle = states.every(({ state }) => state === 'idle');
  return {
    ...NOTHING,
    about,
    standing: 'established',
    summary: `established${idle ? '' : `, in state ${states.map(({ state }) => state).join(' and ')}`}`,
    happened: idle
      ? `${words} It waits for nothing.`
      : [words, ...states.map(({ description }) => description)].join(' '),
    evidence,
    messages: [],
  };
}

interface Parting {
  readonly why: string;
  readonly changes: readonly string[];
  readonly sources: readonly string[];
}

/** By the reason with which SAs go, as the charts and pools say it. */
const PARTINGS: Readonly<Record<string, Parting>> = {
  'newer ones have taken its place': {
    why: 'It was renewed, or both ends made SAs for the same at the same time. Of two such the one that is not needed goes; both ends settle by the same rule which that is. Nothing is lost.',
    changes: [],
    sources: ['RFC 2408 4.3'],
  },
  'its lifetime is over': {
    why: 'Each SA has a lifetime, the shorter of what the two ends want. One that is used is renewed before; one that nobody used ends.',
    changes: [
      'Nothing, where no traffic is: the next packet makes a new one.',
      'If traffic stops at this moment, renewal fails: ask why of the peer, and see the failure that came before.',
    ],
    sources: ['RFC 2407 4.5'],
  },
  'the peer deleted it': {
    why: 'The peer told us so in an authenticated message: it was renewed there, its lifetime was over there, or somebody ended it.',
    changes: ['If it was not wanted: the log of the peer says why.'],
    sources: ['RFC 2408 3.15'],
  },
  'the peer lives, but does not answer under it': {
    why: 'The SA was stale: the peer answers, under another SA, and not under this one any more. It has lost it, by a restart for instance.',
    changes: ['Nothing: it was cleared, and traffic goes under the other.'],
    sources: ['RFC 3706 5'],
  },
  'the peer answers nothing under it, and cannot be asked whether it lives': {
    why: 'The SA may be stale: a Quick Mode under it had no answer, and the peer has no dead peer detection with which it could be asked. It was given up, so that the next packet begins with a new Phase 1.',
    changes: ['Switch dead peer detection on at the peer, if it has it.'],
    sources: ['RFC 3706 3'],
  },
  'the peer is dead': {
    why: 'Dead peer detection found the peer silent, and everything that stood with it was cleared.',
    changes: ['See whether the peer runs and the path is open.'],
    sources: ['RFC 3706 5'],
  },
  'an operator deleted it': { why: 'It was asked for by ikeadm.', changes: [], sources: ['ikeadm(8)'] },
  'the kernel was flushed': {
    why: 'Somebody emptied the table of SAs in the kernel, for instance with ipseckey flush.',
    changes: ['The next packet makes new ones.'],
    sources: ['ipseckey(8)'],
  },
  'the daemon is stopping': { why: 'in.iked was told to stop.', changes: [], sources: [] },
};

export function explainGone(about: Subject, reason: string): Explanation {
  const parting = PARTINGS[reason] ?? { why: '', changes: [], sources: [] };
  return {
    ...NOTHING,
    about,
    standing: 'gone',
    summary: `gone: ${reason}`,
    happened: `It stood, and is gone: ${reason}.`,
    why: parting.why,
    changes: parting.changes.map((what) => ({ at: 'either end', what })),
    sources: parting.sources,
    evidence: [],
    messages: [],
  };
}
