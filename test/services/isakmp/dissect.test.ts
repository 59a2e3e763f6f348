import assert from 'node:assert/strict';
import { dissect, type DissectedField, type DissectedPart } from '../../../services/isakmp/dissect.js';
import { CAPTURES } from './capture.js';

/** The innermost fields, with the names of what they stand in. */
function leavesOf(
  fields: readonly DissectedField[],
  above: string,
): readonly (DissectedField & { readonly path: string })[] {
  return fields.flatMap((field) => {
    const path = above === '' ? field.name : `${above} ${field.name}`;
    return field.fields.length === 0 ? [{ ...field, path }] : leavesOf(field.fields, path);
  });
}

function wordsAt(parts: readonly DissectedPart[], path: string): readonly string[] {
  return parts.flatMap(({ fields }) =>
    leavesOf(fields, '')
      .filter((leaf) => leaf.path === path)
      .map(({ words }) => words),
  );
}

const MESSAGES = CAPTURES.flatMap(({ name, messages }) =>
  messages.map((message) => ({ title: `${name}: ${message.exchange} ${String(message.number)}`, message })),
);

describe('a message taken apart', () => {
  for (const { title, message } of MESSAGES) {
    it(`${title}: every byte stands in one field`, () => {
      for (const part of dissect(message.datagram, message.encrypted?.plaintext)) {
        assert.equal(part.fault, undefined);
        let at = 0;
        for (const leaf of leavesOf(part.fields, '')) {
          assert.equal(leaf.offset, at, `${leaf.path} in ${part.name}`);
          assert.ok(leaf.words !== '', leaf.path);
          at += leaf.length;
        }
        assert.equal(at * 2, part.bytes.length);
      }
    });
  }

  it('says what was offered, in the words of the registries', () => {
    const offer = CAPTURES.find(({ name }) => name === 'main-psk-transport-3des')?.messages[0];
    assert.ok(offer !== undefined);
    const parts = dissect(offer.datagram);
    const values = wordsAt(
      parts,
      'SA proposals proposal transforms transform attributes attribute attributeValue',
    );
    assert.ok(values.includes('3DES-CBC (5)'), values.join());
    assert.ok(values.includes('pre-shared key (1)'), values.join());
    assert.deepEqual(wordsAt(parts, 'SA proposals proposal protocol'), ['ISAKMP (1)']);
    assert.deepEqual(wordsAt(parts, 'header exchangeType'), ['Main Mode (2)']);
    const [sa] = parts[0]?.fields.filter(({ name }) => name === 'SA') ?? [];
    assert.equal(sa?.source, 'RFC 2408 3.4, RFC 2407 4.6.1');
  });

  it('shows what is encrypted only where its plaintext is given', () => {
    const message = MESSAGES.find(({ message: { encrypted } }) => encrypted !== undefined)?.message;
    assert.ok(message?.encrypted !== undefined);
    const [sent, none] = dissect(message.datagram);
    assert.equal(none, undefined);
    assert.deepEqual(
      sent?.fields.map(({ name }) => name),
      ['header', 'encrypted'],
    );
    const [, decrypted] = dissect(message.datagram, message.encrypted.plaintext);
    assert.ok(decrypted?.fields.some(({ name }) => name === 'HASH' || name === 'ID'));
  });

  it('takes apart what it can of a message that is cut short, at every length', () => {
    const whole = MESSAGES[0]?.message.datagram ?? new Uint8Array();
    for (let length = 0; length < whole.length; length += 1) {
      const [part] = dissect(whole.subarray(0, length));
      assert.ok(part !== undefined);
      // A cut between two payloads looks like an end only to whoever does not read on.
      assert.ok(part.fault !== undefined, String(length));
      for (const leaf of leavesOf(part.fields, '')) assert.ok(leaf.offset + leaf.length <= length, leaf.path);
    }
  });
});
