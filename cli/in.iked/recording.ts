/** The flight recorder as part of a daemon: it reads the stream, writes failures to files, and answers the door. */
import { FlightRecorder } from '../../adapters/recorder/flight-recorder.js';
import { messageOf } from '../../adapters/recorder/message-of.js';
import { RecordFiles } from '../../adapters/recorder/record-files.js';
import { recordingOf } from '../../adapters/recorder/recording-of.js';
import { PRIVILEGE, type PrivilegeLevel } from '../../services/admin/privilege-levels.js';
import type { KeptMessages } from '../../daemon/inspection-sources.js';
import type { RecorderDesk } from '../../services/admin/recorder.js';
import type { Clock } from '../../services/ports/clock.js';
import type { Events } from '../../services/ports/events.js';
import type { Keys } from '../../services/ports/keys.js';
import { recordingText } from '../../services/record/file-text.js';
import { err, ok } from '../../services/result.js';

export interface OpenRecording {
  /** The bytes of the messages it holds. */
  readonly messages: KeptMessages;
  readonly recorder: FlightRecorder;
  readonly desk: RecorderDesk;
  /** Below keymat nothing is recorded with secrets any more. */
  privilegeIs(level: PrivilegeLevel): void;
  close(): void;
}

/** Failures that say nothing about the peer or the configuration. */
const NO_NEWS: ReadonlySet<string> = new Set(['crowded-out', 'daemon-stopping', 'operator-deleted']);

export function openRecording(
  world: { readonly clock: Clock; readonly keys: Keys; readonly events: Events },
  how: {
    readonly on: boolean;
    /** As it was given at the start. */
    readonly privilege: () => PrivilegeLevel;
    readonly folder: string;
    readonly ikePort: number;
    readonly nattPort: number;
  },
): OpenRecording {
  const { clock, keys, events } = world;
  const { ikePort, nattPort } = how;
  const files = new RecordFiles(how.folder, () => clock.now());
  const textOf = (conversation: Parameters<typeof recordingOf>[0], secrets: boolean): string =>
    recordingText(recordingOf(conversation, { clock, keys, ikePort, nattPort }, secrets));
  let lowered: PrivilegeLevel = PRIVILEGE.keymat;
  const recorder = new FlightRecorder(
    {
      clock,
      keys,
      failed: (conversation, code) => {
        if (NO_NEWS.has(code) || !files.mayWrite()) return;
        const { id, begunAt } = conversation;
        const name = `${new Date(begunAt).toISOString().replaceAll(/[:.]/g, '-')}-${id}-${code}`;
        files.write(name, textOf(conversation, false)).then(
          (file) => {
            events.emit({ type: 'recording.written', negotiation: id, file });
          },
          (error: unknown) => {
            const reason = error instanceof Error ? error.message : String(error);
            events.emit({ type: 'recording.failed', negotiation: id, reason });
          },
        );
      },
    },
    how.on ? 'without secrets' : 'off',
  );
  const unsubscribe = recorder.follow(events);
  return {
    recorder,
    desk: {
      status: async () => ({
        state: recorder.state,
        folder: files.folder,
        recordings: recorder.list(),
        files: await files.list(),
      }),
      set: (state) => {
        recorder.set(state);
      },
      text: (id, secrets) => {
        const conversation = recorder.find(id);
        if (conversation === undefined) return err('unknown');
        if (secrets && !conversation.secrets) return err('recorded without secrets');
        return ok(textOf(conversation, secrets));
      },
    },
    messages: {
      find: (id, sequence) => {
        const conversation = recorder.find(id);
        return conversation === undefined ? undefined : messageOf(conversation.entries(), id, sequence);
      },
      showsPlaintext: () => Math.min(lowered, how.privilege()) === PRIVILEGE.keymat,
    },
    privilegeIs: (level) => {
      lowered = level;
      if (level < PRIVILEGE.keymat && recorder.state === 'with secrets') recorder.set('without secrets');
    },
    close: () => {
      unsubscribe();
      recorder.close();
    },
  };
}
