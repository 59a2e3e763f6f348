/** `--kernel auto` on hosts of several kinds, played by their sockets. */
import assert from 'node:assert/strict';
import { bestKernel } from '../../../cli/in.iked/best-kernel.js';
import type { KernelSockets, MessageSocket, SystemFault } from '../../../services/ports/kernel-socket.js';
import { err, ok } from '../../../services/result.js';
import { encodeNetlink, splitDatagram } from '../../../services/xfrm/netlink.js';
import { NETLINK_TYPE } from '../../../services/xfrm/registry.js';
import { decodeXfrm, type XfrmMessage } from '../../../services/xfrm/message.js';
import { VirtualClock } from '../../sim/virtual-clock.js';

const EPERM = 1;
const EPROTONOSUPPORT = 93;
const SILENT: MessageSocket = { send: () => undefined, close: () => undefined };

const absent = (message: string) => (): { readonly ok: false; readonly error: SystemFault } =>
  err({ code: 'EAFNOSUPPORT', errno: 97, message });

/** Answers every request with the errno that `judge` gives. */
function xfrmAnswering(judge: (message: XfrmMessage) => number): KernelSockets['xfrm'] {
  return (_groups, listener) =>
    ok({
      send(bytes) {
        const [request] = valueOf(splitDatagram(Uint8Array.from(bytes))) ?? [];
        const message = request && valueOf(decodeXfrm(request.type, request.body));
        if (request === undefined || message === undefined) return undefined;
        const body = new Uint8Array(20);
        new DataView(body.buffer).setInt32(0, -judge(message), true);
        const { sequence } = request;
        const answer = encodeNetlink({ type: NETLINK_TYPE.error, flags: 0, sequence, port: 0, body });
        queueMicrotask(() => {
          listener.message(answer);
        });
        return undefined;
      },
      close: () => undefined,
    });
}

function valueOf<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false },
): T | undefined {
  return result.ok ? result.value : undefined;
}

const without = (protocols: readonly number[]) =>
  xfrmAnswering((message) =>
    message.kind === 'NEWSA' && protocols.includes(message.sa.protocol) ? EPROTONOSUPPORT : 0,
  );

const NO_KEY = absent('This kernel has no PF_KEY.');

describe('--kernel auto', () => {
  const clock = new VirtualClock();

  it('takes XFRM where it has ESP, and says what PF_KEY would lack', async () => {
    const best = await bestKernel({ key: () => ok(SILENT), xfrm: without([]) }, clock);
    assert.equal(best.which, 'xfrm');
    assert.match(best.why, /7 ciphers and 6 integrity algorithms.*PF_KEY works, too/);
  });

  it('takes XFRM where there is no PF_KEY, and says so', async () => {
    const best = await bestKernel({ key: NO_KEY, xfrm: without([]) }, clock);
    assert.equal(best.which, 'xfrm');
    assert.match(best.why, /no PF_KEY/);
  });

  it('takes PF_KEY where there is no XFRM', async () => {
    const best = await bestKernel(
      { key: () => ok(SILENT), xfrm: absent('This kernel has no NETLINK_XFRM.') },
      clock,
    );
    assert.equal(best.which, 'pfkey');
    assert.match(best.why, /no NETLINK_XFRM/);
  });

  it('says that a kernel with XFRM has no ESP, and names --kernel embedded', async () => {
    const best = await bestKernel({ key: () => ok(SILENT), xfrm: without([50, 51]) }, clock);
    assert.equal(best.which, 'embedded');
    assert.match(best.why, /neither ESP nor AH.*--kernel embedded/);
  });

  it('is not content with AH alone', async () => {
    const best = await bestKernel({ key: NO_KEY, xfrm: without([50]) }, clock);
    assert.equal(best.which, 'embedded');
    assert.match(best.why, /no ESP/);
  });

  it('tells an ordinary user what right is missing', async () => {
    const best = await bestKernel({ key: NO_KEY, xfrm: xfrmAnswering(() => EPERM) }, clock);
    assert.equal(best.which, 'embedded');
    assert.match(best.why, /needs root, or CAP_NET_ADMIN.*--kernel embedded/);
  });

  it('says how to get the addon', async () => {
    const best = await bestKernel(undefined, clock);
    assert.equal(best.which, 'embedded');
    assert.match(best.why, /native addon.*npm run build/);
  });
});
