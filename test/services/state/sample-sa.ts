/** An SA as it is remembered, for tests. */
import { fromHex } from '../../../services/bytes.js';
import { prefixRange } from '../../../services/net/address.js';
import type { RememberedSa } from '../../../services/state/remembered-sa.js';

export function sampleSa(patch: Partial<RememberedSa> & { readonly spi: number }): RememberedSa {
  return {
    source: '192.0.2.1',
    destination: '198.51.100.1',
    protocol: 50,
    direction: 'outbound',
    mode: 'tunnel',
    madeAt: 1_700_000_000_000,
    softSeconds: 3240,
    hardSeconds: 3600,
    selectors: {
      local: { addresses: prefixRange('10.1.0.0', 16), port: 0 },
      remote: { addresses: prefixRange('10.2.0.0', 16), port: 53 },
      protocol: 17,
    },
    pairSpi: 0x1000,
    bundle: [{ protocol: patch.protocol ?? 50, spi: patch.spi }],
    maker: {
      rule: 'east to west',
      localPort: 500,
      translated: false,
      peer: { identity: { idType: 1, data: fromHex('c6336401') }, port: 500, translated: false },
    },
    ...patch,
  };
}
