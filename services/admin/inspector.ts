/** The inspector's page at the door: where it is served, as values and as JSON. */
import { type Address, parseAddress } from '../net/address.js';
import type { Result } from '../result.js';

export interface InspectorPlace {
  readonly address: Address;
  /** 0 takes a free one. */
  readonly port: number;
}

export type InspectorState = { readonly state: 'on'; readonly url: string } | { readonly state: 'off' };

export interface InspectorDesk {
  /**
   * Serves the page at `place`, from where it is served now if that is elsewhere; undefined: where it is, or at a free
   * port. The error is a sentence, and then nothing has changed.
   */
  open(place: InspectorPlace | undefined): Promise<Result<InspectorState, string>>;
  /** From now on nothing is watched, and nobody is served. */
  close(): Promise<InspectorState>;
}

export type InspectorWish =
  { readonly state: 'on'; readonly place: InspectorPlace | undefined } | { readonly state: 'off' };

const LOOPBACK = '127.0.0.1';
const HIGHEST_PORT = 65_535;

/** `8500`, `127.0.0.1:8500`, `[::1]:8500`; undefined for anything else. */
export function inspectorPlace(text: string): InspectorPlace | undefined {
  const [, host = LOOPBACK, number = ''] = /^(?:(.*):)?(\d{1,5})$/.exec(text) ?? [];
  const address = parseAddress(host.replace(/^\[|\]$/g, ''));
  const port = Number(number);
  return number === '' || port > HIGHEST_PORT || address === undefined ? undefined : { address, port };
}

export function formatInspectorPlace({ address, port }: InspectorPlace): string {
  return address.includes(':') ? `[${address}]:${String(port)}` : `${address}:${String(port)}`;
}

/** Of a request: `{ state: 'on', place?: '127.0.0.1:8500' }` or `{ state: 'off' }`. */
export function readInspectorWish(value: unknown): InspectorWish | undefined {
  if (typeof value !== 'object' || value === null || !('state' in value)) return undefined;
  if (value.state === 'off') return { state: 'off' };
  if (value.state !== 'on') return undefined;
  if (!('place' in value) || value.place === undefined) return { state: 'on', place: undefined };
  const place = typeof value.place === 'string' ? inspectorPlace(value.place) : undefined;
  return place && { state: 'on', place };
}

/** Of a reply. */
export function readInspectorState(value: unknown): InspectorState | undefined {
  if (typeof value !== 'object' || value === null || !('state' in value)) return undefined;
  if (value.state === 'off') return { state: 'off' };
  if (value.state !== 'on' || !('url' in value) || typeof value.url !== 'string') return undefined;
  return { state: 'on', url: value.url };
}
