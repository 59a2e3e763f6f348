/** The life of the daemon, from its first file to its last Delete. */
import { assign, raise, setup } from 'xstate';
import { NO_META } from './exchange.js';
import { job } from './provided.js';

/** What went wrong at the start: the word decides the exit status (the daemon's caller maps it). */
export type StartFault = 'configuration' | 'permission' | 'environment';

/** Rejection of a start-up job: `faults` are whole lines for the operator. */
export class StartRefused extends Error {
  readonly fault: StartFault;
  readonly lines: readonly string[];

  constructor(fault: StartFault, lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'StartRefused';
    this.fault = fault;
    this.lines = lines;
  }
}

/** Rejection of the first reading: the files were refused, and `ignore_errors` wants the daemon to run all the same. */
export class RunsWithoutRules extends Error {
  override readonly name = 'RunsWithoutRules';
}

export interface DaemonContext {
  /** `none` from a start without rules until the files have been read, or `ikeadm` has brought some. */
  readonly rules: 'read' | 'none';
  readonly fault: StartFault | undefined;
  readonly lines: readonly string[];
}

export interface DaemonOutput {
  readonly fault: StartFault | undefined;
  readonly lines: readonly string[];
}

export type DaemonEvent =
  | { readonly type: 'REFRESH' }
  | { readonly type: 'RULES_GIVEN' }
  | { readonly type: 'STOP' }
  /** One line for the operator. */
  | { readonly type: 'KERNEL_LOST'; readonly line: string }
  | { readonly type: 'READ' };

const EVENTS: Readonly<Record<DaemonEvent['type'], string>> = {
  REFRESH: 'SIGHUP, or an operator at the door: the files are to be read again',
  RULES_GIVEN: 'an operator at the door has brought rules',
  STOP: 'SIGTERM or SIGINT',
  KERNEL_LOST: 'the kernel is gone for good, and all SAs with it',
  READ: 'the files have been read again, whatever came of it',
};

const NOT_READING = 'it answers a reading, and none is under way';
const ENDING = {
  REFRESH: 'it is ending',
  RULES_GIVEN: 'it is ending',
  STOP: 'it is ending already',
  KERNEL_LOST: 'it is ending already',
  READ: NOT_READING,
} as const;

/** How long Deletes may take to leave before the daemon ends all the same, milliseconds. */
export const FAREWELL_MS = 1500;

export const daemon = setup({
  types: {
    context: {} as DaemonContext,
    events: {} as DaemonEvent,
    output: {} as DaemonOutput,
    meta: NO_META,
  },
  delays: { farewell: FAREWELL_MS },
  actors: {
    'files.readConfig': job<undefined>('files.readConfig'),
    'kernel.open': job<undefined>('kernel.open'),
    'udp.open': job<undefined>('udp.open'),
    'door.open': job<undefined>('door.open'),
    'peers.sayGoodbye': job<undefined>('peers.sayGoodbye'),
    'ports.close': job<undefined>('ports.close'),
  },
  guards: {
    runsWithoutRules: ({ event }) => 'error' in event && event.error instanceof RunsWithoutRules,
    hasRules: ({ context }) => context.rules === 'read',
  },
  actions: {
    goWithoutRules: assign({ rules: 'none' }),
    haveRules: assign({ rules: 'read' }),
    read: raise({ type: 'READ' }),
    blameKernel: assign(({ event }) =>
      event.type === 'KERNEL_LOST' ? { fault: 'environment' as const, lines: [event.line] } : {},
    ),
    blameStart: assign(({ event }) => {
      const error: unknown = 'error' in event ? event.error : undefined;
      if (error instanceof StartRefused) return { fault: error.fault, lines: error.lines };
      return {
        fault: 'environment' as const,
        lines: [error instanceof Error ? error.message : String(error)],
      };
    }),
  },
}).createMachine({
  id: 'daemon',
  description: 'The daemon as a whole.',
  meta: { inspect: [], events: EVENTS },
  context: { rules: 'read', fault: undefined, lines: [] },
  output: ({ context }) => ({ fault: context.fault, lines: context.lines }),
  initial: 'starting',
  states: {
    starting: {
      description:
        'Reading files and opening doors, in an order in which each failure still leaves nothing behind.',
      meta: {
        ignored: {
          REFRESH: 'the files are being read, or were a moment ago',
          RULES_GIVEN: 'the door is not open yet',
          READ: NOT_READING,
        },
      },
      on: { STOP: 'stopping', KERNEL_LOST: { target: 'cleaningUp', actions: 'blameKernel' } },
      initial: 'readingConfig',
      states: {
        readingConfig: {
          description: 'Reading ike.config, ike.preshared and the policy file.',
          invoke: {
            src: 'files.readConfig',
            onDone: 'openingKernel',
            onError: [
              { guard: 'runsWithoutRules', target: 'openingKernel', actions: 'goWithoutRules' },
              { target: '#daemon.cleaningUp', actions: 'blameStart' },
            ],
          },
        },
        openingKernel: {
          description: 'Opening the kernel that will hold the SAs.',
          invoke: {
            src: 'kernel.open',
            onDone: 'openingSockets',
            onError: { target: '#daemon.cleaningUp', actions: 'blameStart' },
          },
        },
        openingSockets: {
          description: 'Opening the UDP sockets.',
          invoke: {
            src: 'udp.open',
            onDone: 'openingDoor',
            onError: { target: '#daemon.cleaningUp', actions: 'blameStart' },
          },
        },
        openingDoor: {
          description: 'Opening the door for ikeadm.',
          invoke: {
            src: 'door.open',
            onDone: [{ guard: 'hasRules', target: '#daemon.running' }, { target: '#daemon.withoutRules' }],
            onError: { target: '#daemon.cleaningUp', actions: 'blameStart' },
          },
        },
      },
    },
    running: {
      description: 'Negotiating for whoever asks.',
      meta: { ignored: { RULES_GIVEN: 'it has rules already', READ: NOT_READING } },
      on: {
        REFRESH: 'refreshing',
        STOP: 'stopping',
        KERNEL_LOST: { target: 'stopping', actions: 'blameKernel' },
      },
    },
    withoutRules: {
      description:
        'Running without rules: the files were refused, and ignore_errors lets it wait for better ones, or for ikeadm.',
      meta: { ignored: { READ: NOT_READING } },
      on: {
        REFRESH: 'refreshing',
        RULES_GIVEN: { target: 'running', actions: 'haveRules' },
        STOP: 'stopping',
        KERNEL_LOST: { target: 'stopping', actions: 'blameKernel' },
      },
    },
    refreshing: {
      description:
        'Reading the files again; live SAs stay, and so does the old configuration if the new one is broken.',
      on: {
        RULES_GIVEN: { actions: 'haveRules' },
        STOP: 'stopping',
        KERNEL_LOST: { target: 'stopping', actions: 'blameKernel' },
      },
      invoke: {
        src: 'files.readConfig',
        onDone: { actions: ['haveRules', 'read'] },
        onError: { actions: 'read' },
      },
      initial: 'once',
      states: {
        once: {
          description: 'Nobody has asked since the reading began.',
          on: {
            REFRESH: 'again',
            READ: [{ guard: 'hasRules', target: '#daemon.running' }, { target: '#daemon.withoutRules' }],
          },
        },
        again: {
          description: 'The files may have changed behind the reading: they are read once more after it.',
          meta: { ignored: { REFRESH: 'the files will be read again already' } },
          on: { READ: { target: '#daemon.refreshing', reenter: true } },
        },
      },
    },
    stopping: {
      description: 'Sending a Delete for every SA, so that peers do not talk to a dead end.',
      meta: { ignored: ENDING },
      invoke: { src: 'peers.sayGoodbye', onDone: 'closing', onError: 'closing' },
      after: { farewell: 'closing' },
    },
    closing: {
      description: 'Closing the door, the sockets and the kernel.',
      meta: { ignored: ENDING },
      invoke: { src: 'ports.close', onDone: 'stopped', onError: 'stopped' },
    },
    cleaningUp: {
      description: 'Closing what the failed start had opened.',
      meta: { ignored: ENDING },
      invoke: { src: 'ports.close', onDone: 'maintenance', onError: 'maintenance' },
    },
    maintenance: {
      type: 'final',
      description: 'It could not start; an administrator must mend what it says.',
    },
    stopped: {
      type: 'final',
      description: 'It has ended, as it was asked to or because its kernel was lost.',
    },
  },
});
