/** Definitions typed at the prompt that need a name service, or a look inside. */
import assert from 'node:assert/strict';
import { presharedOf } from '../../../cli/ikeadm/commands/preshared-words.js';
import { ruleTextOf } from '../../../cli/ikeadm/commands/rule-words.js';
import { hex } from '../../../services/bytes.js';

const HOSTS: Readonly<Record<string, readonly string[]>> = {
  one: ['192.0.2.1'],
  two: ['192.0.2.1', '2001:db8::1'],
};
const lookup = (name: string) => Promise.resolve(HOSTS[name] ?? []);
const read = (text: string) => presharedOf(text.split(' '), lookup);

describe('a pre-shared key typed at the prompt', () => {
  it('may name a host of exactly one address', async () => {
    const one = await read('{ localid one remoteid 192.0.2.2 key 00ff }');
    assert.ok(one.ok);
    assert.deepEqual(one.value.local, { address: { address: '192.0.2.1', port: 0 }, prefixLength: 0 });
    const two = await read('{ localid 192.0.2.2 remoteid two key 00ff }');
    assert.deepEqual(two, { ok: false, error: { kind: 'many-addresses' } });
    const none = await read('{ localid 192.0.2.2 remoteid none key 00ff }');
    assert.ok(!none.ok && none.error.kind === 'invalid');
    assert.match(none.error.why, /^The value of `remoteid` is not an IPv4 or IPv6 address/);
  });

  it('has the key that the digits and bits say, and the last of repeated names', async () => {
    for (const [text, bytes, bits] of [
      ['123', '1230', 16],
      ['ABcd', 'abcd', 16],
      ['ffff/12', 'fff0', 12],
      ['00112233/16', '0011', 16],
    ] as const) {
      const entry = await read(`{localid 192.0.2.1 remoteid 192.0.2.2 key ff key ${text}}`);
      assert.ok(entry.ok && entry.value.key !== undefined, text);
      assert.deepEqual([hex(entry.value.key), entry.value.bits, entry.value.exchange], [bytes, bits, 1]);
    }
  });

  it('repeats nothing of what stands in it when it is wrong', async () => {
    for (const text of [
      '{ localid 192.0.2.1 remoteid 192.0.2.2 c0ffee key }',
      '{ localid 192.0.2.1 remoteid 192.0.2.2 key c0ffeg }',
      '{ localid c0ffee remoteid 192.0.2.2 key 00 }',
      '{ c0ffee }',
    ]) {
      const entry = await read(text);
      assert.ok(!entry.ok && entry.error.kind === 'invalid');
      assert.doesNotMatch(entry.error.why, /c0ffe/);
    }
  });
});

describe('a rule typed as words', () => {
  it('is one word a line, names in quotes', () => {
    assert.equal(
      ruleTextOf(['{label', 'a "b" \\', 'remote_addr', '192.0.2.1', 'local_id', '', 'x"y}']),
      '{\nlabel\n"a \\"b\\" \\\\"\nremote_addr\n192.0.2.1\nlocal_id\n""\nx\\"y\n}\n',
    );
    assert.equal(ruleTextOf(['{', '}']), '{\n}\n');
  });

  it('is none without its braces', () => {
    for (const words of [['{'], ['{}'], ['{', 'label'], ['label', '}'], []])
      assert.equal(ruleTextOf(words), undefined);
  });
});
