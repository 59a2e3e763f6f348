/** The way to a server: `proxy` and `socks` of ike.config(5). */
import type { Socket } from 'node:net';
import { SocksClient } from 'socks';

export interface Hop {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
}

/** Throws an `Error` for an operator. */
export function hopOf(url: string, schemes: readonly string[], port: number): Hop {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !schemes.includes(parsed.protocol) || parsed.hostname === '')
    throw new Error(
      `"${url}" is no URL of the form ${schemes.map((scheme) => `${scheme}//host:port`).join(' or ')}`,
    );
  return {
    scheme: parsed.protocol,
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? defaultPort(parsed.protocol, port) : Number(parsed.port),
  };
}

/** A port that is the scheme's own is dropped from a parsed URL. */
function defaultPort(scheme: string, port: number): number {
  return scheme === 'http:' ? 80 : port;
}

const SOCKS_PORT = 1080;

/** A connection to `target` made by a SOCKS server; names are resolved there. Rejects with an `Error`. */
export async function throughSocks(socks: string, target: Hop, timeoutMs: number): Promise<Socket> {
  const { scheme, host, port } = hopOf(socks, ['socks:', 'socks4:', 'socks5:'], SOCKS_PORT);
  const { socket } = await SocksClient.createConnection({
    proxy: { host, port, type: scheme === 'socks4:' ? 4 : 5 },
    command: 'connect',
    destination: { host: target.host, port: target.port },
    timeout: timeoutMs,
  });
  return socket;
}
