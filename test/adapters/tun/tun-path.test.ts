/** What is said where there can be no data path. The path itself is tested where routes may be changed: test/interop. */
import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { loadNative, type Native } from '../../../adapters/native/load-native.js';
import { VirtualClock } from '../../sim/virtual-clock.js';
import { isDeviceName, TunPath } from '../../../adapters/tun/tun-path.js';

const { EBUSY, EPERM, ENOENT } = constants.errno;

describe('a TUN device that cannot be had', () => {
  const native = loadNative();
  assert.ok(native.ok, native.ok ? '' : native.error);
  const addon: Native = native.value;

  const parts = { clock: new VirtualClock(), note: (note: string) => assert.fail(note), listen: undefined };

  function refusal(openTun: Native['openTun'], name = 'auto'): string {
    const path = new TunPath({ calls: { ...addon, openTun }, name, ...parts });
    assert.ok(!path.mark.ok);
    return path.mark.error;
  }

  it('asks for rights, for the module, or for another name', () => {
    assert.match(
      refusal(() => -EPERM),
      /run as root, or with CAP_NET_ADMIN and CAP_NET_RAW/,
    );
    assert.match(
      refusal(() => -ENOENT),
      /modprobe tun/,
    );
    assert.match(
      refusal(() => -EBUSY, 'vpn3'),
      /device vpn3 is in use by another program/,
    );
    assert.match(
      refusal(() => -EBUSY),
      /All TUN devices from iked0 to iked15 are in use/,
    );
  });

  it('is the first free one where no name was given, each with a mark of its own', () => {
    const asked: string[] = [];
    const openTun = (name: Uint8Array): number => {
      asked.push(new TextDecoder().decode(name));
      return asked.length < 3 ? -EBUSY : 1000;
    };
    const path = new TunPath({ calls: { ...addon, openTun }, name: 'auto', ...parts });
    assert.deepEqual(asked, ['iked0', 'iked1', 'iked2']);
    assert.equal(path.deviceName, 'iked2');
    const other = new TunPath({ calls: { ...addon, openTun }, name: 'vpn1', ...parts });
    assert.ok(path.mark.ok && other.mark.ok);
    assert.notEqual(path.mark.value, other.mark.value);
  });

  it('has a name that ends in its number', () => {
    for (const name of ['iked0', 'tun15', 'a1', 'abcdefghijklm12']) assert.ok(isDeviceName(name), name);
    for (const name of ['iked', 'tun16', '0', 'iked0; reboot', 'Iked0', 'abcdefghijklmno1', 'a b1', ''])
      assert.ok(!isDeviceName(name), name);
  });

  it('refuses names that are no bytes, and packets without a device', () => {
    assert.throws(() => addon.openTun(new Uint8Array(16)), /openTun takes the bytes of a name, 1 to 15/);
    assert.throws(() => addon.openTun(new Uint8Array(0)), /openTun takes/);
    assert.equal(addon.readPacket(-1, new Uint8Array(9)), -constants.errno.EBADF);
    assert.equal(addon.writePacket(-1, new Uint8Array(9)), -constants.errno.EBADF);
    assert.throws(() => addon.rawSocket(4, 256), /rawSocket takes 4 or 6 and an IP protocol/);
    assert.throws(() => addon.sendTo(0, new Uint8Array(1), new Uint8Array(3), 0), /sendTo takes/);
    assert.throws(() => addon.receiveFrom(0, new Uint8Array(1), new Uint8Array(4)), /receiveFrom takes/);
    assert.throws(() => Reflect.apply(addon.markSocket, undefined, [1]), /markSocket takes/);
  });
});
