/** What is written reads back to the same configuration. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseIkeConfig, parseRule } from '../../../services/config/ike-config.js';
import { decimal } from '../../../services/config/number-text.js';
import { writeIkeConfig, writeRule } from '../../../services/config/write-ike-config.js';
import { configText } from './configurations.js';
import { accepted, onlyRule, ruleWith, TRANSFORM } from './reading.js';
import { assertConfigReadsBack, substance } from './reads-back.js';

describe('an ike.config that is written', () => {
  const fixtures = new URL('fixtures/', import.meta.url);
  const examples = new URL('../../../examples/', import.meta.url);
  const files = [
    ...readdirSync(fixtures).map((name) => new URL(name, fixtures)),
    ...['certificates', 'host-to-host', 'two-gateways/east', 'two-gateways/west'].map(
      (folder) => new URL(`${folder}/config`, examples),
    ),
  ];
  for (const file of files) {
    const { config } = parseIkeConfig(readFileSync(file, 'utf8'), 'file');
    if (config === undefined) continue;
    it(`is as ${file.pathname.split('/').slice(-3).join('/')} was`, () => {
      assertConfigReadsBack(config);
    });
  }

  it('is as any file was', () => {
    let read = 0;
    fc.assert(
      fc.property(configText, (text) => {
        const { config, diagnostics } = parseIkeConfig(text, 'arbitrary');
        // What the generator cannot know: the label of 255 bytes, methods that do not fit what is inherited.
        if (config === undefined) {
          assert.ok(diagnostics.length > 0);
          return;
        }
        read += 1;
        assertConfigReadsBack(config);
      }),
      { numRuns: 300 },
    );
    assert.ok(read > 250, `only ${String(read)} of the texts were good`);
  });

  it('gives back each rule by itself, as it would be added to the same file', () => {
    fc.assert(
      fc.property(configText, (text) => {
        const { config } = parseIkeConfig(text, 'arbitrary');
        for (const rule of config?.rules ?? []) {
          if (config === undefined) continue;
          const { rule: again, diagnostics } = parseRule(writeRule(rule, config), 'added', config);
          assert.ok(again, JSON.stringify(diagnostics));
          assert.deepEqual(substance(again), substance(rule));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('says nothing of what is as built in', () => {
    const text = writeIkeConfig(accepted(`expire_timer 300 retry_timer_init 0.5\n${ruleWith('')}`));
    assert.equal(
      text,
      `{\n    label "x"\n    local_addr 192.0.2.1\n    remote_addr 192.0.2.2\n    ${TRANSFORM}\n}\n`,
    );
  });

  it('keeps a rule that this version cannot run, whole', () => {
    const transforms = [3, 14, 4].map((group) => TRANSFORM.replace('group 14', `group ${String(group)}`));
    const { config } = parseIkeConfig(
      `${ruleWith('', transforms.join(' '))}${ruleWith('p2_pfs 4').replace('"x"', '"y"')}`,
      'file',
    );
    assert.ok(config);
    const text = writeIkeConfig(config);
    assert.deepEqual(
      [...text.matchAll(/oakley_group (\d+)/g)].map(([, group]) => group),
      ['3', '14', '4', '14'],
    );
    assert.match(text, /p2_pfs 4/);
    assertConfigReadsBack(config);
  });

  it('quotes what needs it', () => {
    const rule = onlyRule(ruleWith('').replace('"x"', String.raw`"a \"b\" c\\d\, e"`));
    assert.equal(rule.label, String.raw`a "b" c\d\, e`);
    assertConfigReadsBack(accepted(ruleWith('').replace('"x"', String.raw`"a \"b\" c\\d\, e"`)));
  });

  it('writes small numbers without an exponent', () => {
    assert.deepEqual([1e-7, 1.25e-9, 0.5, 3, 4294967295].map(decimal), [
      '0.0000001',
      '0.00000000125',
      '0.5',
      '3',
      '4294967295',
    ]);
  });
});

describe('one rule to be added', () => {
  const config = accepted(
    `p1_lifetime_secs 7200 p2_pfs 5 local_id_type fqdn p2_lifetime_secs 600 ${TRANSFORM}\n${ruleWith('')}`,
  );
  const errors = (text: string) => {
    const { rule, diagnostics } = parseRule(text, 'added', config);
    assert.equal(rule, undefined);
    return diagnostics.map(({ position, problem }) => `${position.file}:${String(position.line)} ${problem}`);
  };

  it('inherits what the file says at its end', () => {
    const { rule } = parseRule('{ label "y" local_addr 192.0.2.1 remote_addr 192.0.2.9 }', 'added', config);
    assert.ok(rule);
    assert.deepEqual([rule.phase2.pfsGroup, rule.phase2.lifetimeSeconds], [5, 600]);
    assert.deepEqual([rule.transforms[0]?.group, rule.transforms[0]?.lifetimeSeconds], [14, 7200]);
    assert.deepEqual([rule.position.file, rule.transforms[0]?.position.file], ['added', 'test.config']);
  });

  it('is exactly one, and nothing else', () => {
    assert.deepEqual(errors('  # nothing'), ['added:1 there is no rule']);
    assert.deepEqual(errors(`${ruleWith('')}${ruleWith('').replace('"x"', '"y"')}`), [
      'added:2 a second rule begins here',
    ]);
    assert.deepEqual(errors(`${ruleWith('')}\np2_pfs 14`), ['added:3 `p2_pfs` stands outside the rule']);
    assert.deepEqual(errors(`${TRANSFORM}\n${ruleWith('')}`), ['added:1 `p1_xform` stands outside the rule']);
  });

  it('says what is wrong with it, and where', () => {
    assert.deepEqual(errors('{ label "y"\n local_addr 192.0.2.300 remote_addr 192.0.2.9 }'), [
      'added:2 `192.0.2.300` is not an address',
    ]);
    assert.equal(errors('label "y"').length > 0, true);
    assert.equal(errors('{ label "y" local_addr 192.0.2.1').length > 0, true);
  });
});
