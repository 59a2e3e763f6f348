/** The outcome of `up`, and the evidence of a refusal. */
import type { Established, FailureReport } from '../../../services/admin/door/own-messages.js';
import { comparisonLines } from './comparison.js';
import { cookieNumber } from './numbers.js';

/** Without a newline. */
export function establishedText(up: Established): string {
  const { initiatorCookie, responderCookie } = up.phase1;
  const spis = up.pairs
    .map(
      ({ protocol, inboundSpi, outboundSpi }) => `${protocol} SPIs ${spi(inboundSpi)} / ${spi(outboundSpi)}`,
    )
    .join(' and ');
  const phase1 = `Phase 1 ${cookieNumber(initiatorCookie)}/${cookieNumber(responderCookie)}`;
  return `established: ${spis}, ${phase1}, rule "${up.rule}" (${String(Math.round(up.milliseconds))} ms)`;
}

/** Eight digits, as captures and kernels show it. */
export function spi(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

/** One line: where it failed and why. */
export function failureText({ exchange, message, explanation }: FailureReport): string {
  const where =
    exchange === '' ? '' : ` in ${exchange}${message === 0 ? '' : `, message ${String(message)}`}`;
  return `failed${where}: ${explanation}`;
}

/** What to do about it, then what was offered against what is accepted. */
export function failureDetails({ hint, comparisons = [] }: FailureReport): readonly string[] {
  const lines = hint === '' ? [] : [`hint: ${hint}`];
  return [...lines, ...comparisons.flatMap(comparisonLines)];
}
