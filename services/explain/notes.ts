/** The note of every failure code; a code without one does not compile. */
import type { FailureCode } from '../failure/codes.js';
import type { CodeNote } from './code-note.js';
import { CERTIFICATE_NOTES } from './notes-certificates.js';
import { LIFE_NOTES } from './notes-life.js';
import { NEGOTIATION_NOTES } from './notes-negotiation.js';

export const NOTES: Readonly<Record<FailureCode, CodeNote>> = {
  ...NEGOTIATION_NOTES,
  ...CERTIFICATE_NOTES,
  ...LIFE_NOTES,
};
