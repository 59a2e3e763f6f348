/** Makes the explanation of a failure from the failure itself and from what is left of its negotiation. */
import { FAILURE_CODES } from '../failure/codes.js';
import type { Failure } from '../failure/failure.js';
import { BLAME_WORDS, type Change, type Explanation, type Fact, type Subject } from './explanation.js';
import type { NegotiationFacts } from './facts.js';
import { placeInWords } from './message-words.js';
import { NOTES } from './notes.js';
import { silenceInWords } from './silence.js';
import { commonEvidence, specificsOf } from './specifics.js';

/** What went by, as the events told it. */
export interface Course {
  /** One line each, oldest first. */
  readonly messages: readonly string[];
  /** Bytes of the last message that we sent; 0 when none. */
  readonly lastSentBytes: number;
  /** Whether anything of the peer came in. */
  readonly heard: boolean;
  /** What the peer said that was not authenticated, and what of it was ignored. */
  readonly remarks: readonly string[];
}

export function explainFailure(
  about: Subject,
  failure: Failure,
  facts: NegotiationFacts | undefined,
  course: Course,
): Explanation {
  const note = NOTES[failure.code];
  const specifics = facts === undefined ? {} : specificsOf(failure, facts);
  const why =
    failure.code === 'peer-silent' || failure.code === 'expired'
      ? `${note.why} ${silenceInWords(
          {
            exchange: failure.exchange,
            message: failure.message,
            bytes: course.lastSentBytes,
            heard: course.heard,
          },
          facts,
        )}`
      : note.why;
  return {
    about,
    standing: 'failed',
    code: failure.code,
    summary: FAILURE_CODES[failure.code],
    happened: failure.explanation,
    where: placeInWords(failure.exchange, failure.message),
    blame: { who: failure.blame, words: BLAME_WORDS[failure.blame] },
    why,
    evidence: [
      ...(specifics.evidence ?? []),
      ...(facts === undefined ? [] : commonEvidence(facts)),
      ...remarks(course, failure),
    ],
    changes: changesOf(failure, specifics.changes ?? [], note.todo),
    comparisons: failure.comparisons ?? [],
    equivalents: specifics.equivalents ?? [],
    sources: note.sources,
    messages: course.messages,
  };
}

/** But not what has become the failure itself. */
function remarks({ remarks: said }: Course, { explanation }: Failure): readonly Fact[] {
  return said.filter((line) => !line.endsWith(explanation)).map((value) => ({ name: 'noticed', value }));
}

/** The hint first, with its lines of files; then what else may be done. */
function changesOf(
  { hint, places = [], comparisons = [] }: Failure,
  particular: readonly Change[],
  todo: readonly string[],
): readonly Change[] {
  const [nearest] = comparisons;
  const where = nearest?.where;
  const near: readonly Change[] =
    nearest === undefined || where === undefined
      ? []
      : [
          {
            at: 'this host',
            what: `Change ${differences(nearest.attributes)}`,
            place: { what: nearest.against, ...where },
          },
        ];
  return [
    ...(hint === '' ? [] : [{ at: 'either end', what: hint } as const]),
    ...near,
    ...places.map((place) => ({ at: 'this host', what: 'See', place }) as const),
    ...particular,
    ...todo.filter((what) => what !== hint).map((what) => ({ at: 'either end', what }) as const),
  ];
}

/** `oakley_group to 14 (modp2048)`: what would make the nearest row agree. */
function differences(
  attributes: readonly {
    readonly name: string;
    readonly offered: string;
    readonly accepted: string;
    readonly agrees: boolean;
  }[],
): string {
  const wrong = attributes.filter(({ agrees }) => !agrees);
  return wrong.map(({ name, offered, accepted }) => `${name} from ${accepted} to ${offered}`).join(', ');
}
