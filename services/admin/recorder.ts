/** The flight recorder at the door: values, and their JSON. */
import type { NegotiationId } from '../events/event.js';
import type { RecordView } from '../record/record-view.js';
import type { Result } from '../result.js';

export const RECORDING_STATES = ['off', 'without secrets', 'with secrets'] as const;

export type RecordingState = (typeof RECORDING_STATES)[number];

/** A recording of a failure that was written by itself. */
export interface RecordFile {
  readonly name: string;
  readonly bytes: number;
}

export interface RecorderStatus {
  readonly state: RecordingState;
  /** Where recordings of failures are written. */
  readonly folder: string;
  /** Oldest first. */
  readonly recordings: readonly RecordView[];
  readonly files: readonly RecordFile[];
}

export interface RecorderDesk {
  status(): Promise<RecorderStatus>;
  /** What begins from now on is recorded so; what was recorded otherwise is forgotten. */
  set(state: RecordingState): void;
  /** The file of the conversation that this negotiation belongs to. */
  text(id: NegotiationId, withSecrets: boolean): Result<string, 'unknown' | 'recorded without secrets'>;
}

export interface RecordRequest {
  readonly id: NegotiationId;
  readonly secrets: boolean;
}

const LONGEST_ID = 64;

export function readRecordRequest(value: unknown): RecordRequest | undefined {
  if (!isRecord(value) || typeof value.id !== 'string' || value.id.length > LONGEST_ID) return undefined;
  return typeof value.secrets === 'boolean' ? { id: value.id, secrets: value.secrets } : undefined;
}

export function readRecordingState(value: unknown): RecordingState | undefined {
  return isRecord(value) ? RECORDING_STATES.find((state) => state === value.state) : undefined;
}

/** The text in a reply to RECORD_READ. */
export function readRecordText(value: unknown): string | undefined {
  return isRecord(value) && typeof value.text === 'string' ? value.text : undefined;
}

export function readRecorderStatus(value: unknown): RecorderStatus | undefined {
  const state = readRecordingState(value);
  if (!isRecord(value) || state === undefined || typeof value.folder !== 'string') return undefined;
  const { folder, recordings, files } = value;
  if (!Array.isArray(recordings) || !recordings.every(isView)) return undefined;
  if (!Array.isArray(files) || !files.every(isFile)) return undefined;
  return { state, folder, recordings, files };
}

function isView(value: unknown): value is RecordView {
  return (
    isRecord(value) &&
    ['id', 'local', 'remote', 'outcome'].every((field) => typeof value[field] === 'string') &&
    ['begunAt', 'entries', 'bytes'].every((field) => typeof value[field] === 'number') &&
    (value.code === undefined || typeof value.code === 'string') &&
    typeof value.secrets === 'boolean' &&
    Array.isArray(value.negotiations) &&
    value.negotiations.every((id) => typeof id === 'string')
  );
}

function isFile(value: unknown): value is RecordFile {
  return isRecord(value) && typeof value.name === 'string' && typeof value.bytes === 'number';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
