/** What a refused bind means, in a sentence that says how to mend it. */
import { type Endpoint, formatEndpoint } from '../../services/net/address.js';

export function bindFault(endpoint: Endpoint, error: unknown): string {
  const where = `UDP ${formatEndpoint(endpoint)}`;
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is in use by another program: end that program, or choose other ports with --port and --natt-port.`;
    case 'EACCES':
    case 'EPERM':
      return `${where} may not be opened by this user: run as root, or choose ports above 1023 with --port and --natt-port.`;
    case 'EADDRNOTAVAIL':
      return `${where} cannot be opened: no interface of this host has that address; correct --listen.`;
    default:
      return `${where} cannot be opened: ${error instanceof Error ? error.message : typeof code === 'string' ? code : String(error)}.`;
  }
}
