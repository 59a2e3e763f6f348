/** Rules as the door asks for them and changes them. */
import assert from 'node:assert/strict';
import { err } from '../../services/result.js';
import { configText, gatewayPlan, startPair } from '../sim/two-gateways.js';
import { administrationOf } from './administration-of.js';

const ADDED = '{ label "added" local_addr 192.0.2.1 remote_addr 192.0.2.3 }';
const DEFAULT = 'p1_xform { auth_method preshared oakley_group 14 auth_alg sha256 encr_alg aes }\n';

async function started() {
  const { east } = await startPair(
    1,
    gatewayPlan('east', { config: DEFAULT + configText('east') }),
    gatewayPlan('west'),
  );
  const labels = () => east.engine.settings.config.rules.map(({ label }) => label);
  const changes = () =>
    east.events.flatMap((event) =>
      event.type === 'config.changed' ? [`${event.change}: ${event.subject} (${String(event.rules)})`] : [],
    );
  return { east, labels, changes, ...administrationOf(east) };
}

describe('rules at run time', () => {
  it('are listed in their order, with the numbers that the kernel map has', async () => {
    const { administration, cookieFile } = await started();
    administration.addRule(ADDED, 'file');
    const first = administration.rulesFrom(0);
    const second = administration.rulesFrom(first?.next ?? 0);
    assert.deepEqual([first?.entry.rule.label, second?.entry.rule.label], ['peer', 'added']);
    assert.deepEqual([first?.entry.cookie, second?.entry.cookie, second?.next], [1, 2, undefined]);
    assert.equal(administration.rulesFrom(3), undefined);
    assert.equal(administration.findRule('added')?.cookie, 2);
    assert.equal(administration.findRule('nobody'), undefined);
    assert.equal(cookieFile.text, '1\tpeer\n2\tadded\n');
    assert.equal(administration.labelCookies(), cookieFile.text);
  });

  it('are added behind the others, with the values of the file', async () => {
    const { administration, labels, changes } = await started();
    assert.equal(administration.addRule(ADDED, 'file').ok, true);
    assert.deepEqual(labels(), ['peer', 'added']);
    assert.equal(administration.findRule('added')?.rule.transforms[0]?.group, 14);
    assert.deepEqual(changes(), ['rule added: added (2)']);
  });

  it('are noted about as at a refresh: what cannot be run, and what the certificates lack', async () => {
    const { administration, east } = await started();
    const text = `{ label "c" local_addr 192.0.2.1 remote_addr 192.0.2.3 local_id_type dn local_id "CN=x" remote_id ""
      p1_xform { auth_method rsa_sig oakley_group 3 auth_alg sha256 encr_alg aes }
      p1_xform { auth_method rsa_sig oakley_group 14 auth_alg sha256 encr_alg aes } }`;
    assert.equal(administration.addRule(text, 'file').ok, true);
    const notes = east.events
      .flatMap((event) => (event.type === 'config.note' ? [event.note] : []))
      .join('\n');
    assert.match(notes, /^file:2:\d+: note: rule "c": this `p1_xform` is left out/m);
    assert.match(notes, /local_id "CN=x"/);
    assert.match(notes, /neither a cert_root nor a cert_trust/);
  });

  it('are refused with what is wrong, where it is, and nothing changed', async () => {
    const { administration, east, changes } = await started();
    const before = east.engine.settings;
    const refused = (text: string) => {
      const result = administration.addRule(text, 'the text');
      assert.ok(!result.ok);
      return result.error;
    };
    const twin = refused(ADDED.replace('added', 'peer'));
    assert.deepEqual([twin.name, twin.errno], ['SYS_ERR', 17]);
    assert.match(twin.details?.join() ?? '', /"peer" belongs to the rule of config:\d+:\d+ already/);
    const broken = refused(`{ label "b"\nlocal_adr 1.2.3.4 }`);
    assert.equal(broken.name, 'DATA_INVALID');
    assert.match(broken.details?.join('\n') ?? '', /^the text:2:1: /m);
    assert.equal(refused('').name, 'DATA_INVALID');
    assert.equal(refused(ADDED + ADDED).name, 'DATA_INVALID');
    assert.equal(east.engine.settings, before);
    assert.deepEqual(changes(), []);
  });

  it('are deleted by their label, and the label keeps its number', async () => {
    const { administration, labels, cookieFile } = await started();
    administration.addRule(ADDED, 'file');
    assert.equal(administration.deleteRule('nobody'), false);
    assert.equal(administration.deleteRule('peer'), true);
    assert.deepEqual(labels(), ['added']);
    assert.equal(cookieFile.text, '1\tpeer\n2\tadded\n');
    administration.addRule(configText('east'), 'file');
    assert.deepEqual(labels(), ['added', 'peer']);
    assert.equal(administration.findRule('peer')?.cookie, 1);
  });

  it('are read from a text as a whole, or not at all', async () => {
    const { administration, labels, east } = await started();
    const { presharedKeys, certificates } = east.engine.settings;
    const text = `retry_limit 3 ${DEFAULT}${ADDED}`;
    assert.equal((await administration.readRules({ text, source: 'new' })).ok, true);
    assert.deepEqual(labels(), ['added']);
    const { settings } = east.engine;
    assert.equal(settings.config.globals.retryLimit, 3);
    assert.equal(settings.presharedKeys, presharedKeys);
    assert.equal(settings.certificates, certificates);
    const broken = await administration.readRules({ text: `${text}{`, source: 'new' });
    assert.equal(broken.ok, false);
    assert.equal(east.engine.settings, settings);
  });

  it('are read from the default place by what SIGHUP does', async () => {
    const { administration, world } = await started();
    let refreshes = 0;
    world.refresh = () => {
      refreshes += 1;
      return Promise.resolve(err({ fault: 'configuration' as const, lines: ['config:1:1: no'] }));
    };
    const broken = await administration.readRules(undefined);
    assert.deepEqual(broken, err({ name: 'DATA_INVALID', details: ['config:1:1: no'] }));
    world.refresh = () => Promise.resolve(err({ fault: 'permission' as const, lines: ['may not be read'] }));
    const locked = await administration.readRules(undefined);
    assert.deepEqual(locked, err({ name: 'SYS_ERR', errno: 13, details: ['may not be read'] }));
    assert.equal(refreshes, 1);
  });

  it('are not read from a text while the files are being read', async () => {
    const { administration, world, labels } = await started();
    world.refreshing = true;
    const refused = await administration.readRules({ text: '', source: 'new' });
    assert.deepEqual(refused, err({ name: 'IN_PROGRESS' }));
    assert.deepEqual(labels(), ['peer']);
  });

  it('are written as they are in use, and said one by one', async () => {
    const { administration, east } = await started();
    administration.addRule(ADDED, 'file');
    const text = administration.writeRules();
    assert.ok(text !== undefined);
    assert.equal((await administration.readRules({ text, source: 'written' })).ok, true);
    assert.equal(administration.writeRules(), text);
    administration.dumpRuleBase();
    const said = east.events.flatMap((event) => (event.type === 'config.rule' ? [event] : []));
    assert.deepEqual(
      said.map(({ cookie }) => cookie),
      [1, 2],
    );
    assert.match(said[1]?.text ?? '', /^\{ label "added" local_addr 192\.0\.2\.1 .*\}$/);
    assert.equal((await administration.readRules({ text: '', source: 'empty' })).ok, true);
    assert.equal(administration.writeRules(), undefined);
  });
});
