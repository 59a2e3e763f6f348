/** How much the flight recorder keeps. */
import type { ReelLimits } from './reel.js';

export interface RecorderLimits {
  readonly conversation: ReelLimits;
  /** Conversations whose peer has proved who it is, and those of anybody. */
  readonly proved: RowLimits;
  readonly unproved: RowLimits;
}

export interface RowLimits {
  readonly conversations: number;
  readonly bytes: number;
  /** Bytes of what came within `RUSH_MS`, besides what waits for its Quick Mode. */
  readonly rush?: number;
}

/**
 * Where a second brings more than anybody looks through, the last of it is enough: what is kept for so short a time goes
 * through the caches and the garbage collector for nothing.
 */
export const RUSH_MS = 1000;
/** So much more may be there before it is looked who may go, bytes: to look is dear where most are under way. */
export const RUSH_SLACK = 64 * 1024;

/**
 * A handshake of both phases takes some 20 KB. What failed goes to a file at once, and needs no room here. What calls and events
 * add to the last piece of a conversation is counted when that is full or a negotiation ends: 20 KB of each, at most.
 */
export const RECORDER_LIMITS: RecorderLimits = {
  conversation: { head: 48 * 1024, bytes: 192 * 1024 },
  proved: { conversations: 64, bytes: 768 * 1024, rush: 128 * 1024 },
  unproved: { conversations: 32, bytes: 256 * 1024 },
};

/** Names of a conversation: under one Phase 1 SA there may be any number of Quick Modes, one after the other. */
export const MOST_NAMES = 64;
/** Of an SA that stands. One that comes again does so soon. */
export const MOST_MESSAGE_IDS = 64;
