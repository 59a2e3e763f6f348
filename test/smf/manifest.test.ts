/** The manifest, item by item: what in.iked(8) and the sister services' manifests say of svc:/network/ipsec/ike. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parseServiceProperties, PROPERTIES } from '../../services/config/service-properties.js';
import { type Element, readXml } from './read-xml.js';

const ROOT = new URL('../../', import.meta.url);

function below(element: Element, ...path: readonly string[]): readonly Element[] {
  const [name, ...rest] = path;
  if (name === undefined) return [element];
  return element.children.filter((child) => child.name === name).flatMap((child) => below(child, ...rest));
}

function named(elements: readonly Element[]): Readonly<Record<string, Element>> {
  return Object.fromEntries(elements.map((element) => [element.attributes.name ?? '', element]));
}

/** Children in the order that service_bundle.dtd.1 wants, each where it is; `*` may be repeated. */
const ORDER: Readonly<Record<string, readonly string[]>> = {
  service_bundle: ['service*'],
  service: [
    ...['create_default_instance', 'single_instance', 'restarter', 'dependency*', 'dependent*'],
    ...['method_context', 'exec_method*', 'property_group*', 'instance*', 'stability', 'template'],
  ],
  dependency: ['service_fmri*', 'stability', 'propval*', 'property*'],
  exec_method: ['method_context', 'stability', 'propval*', 'property*'],
  method_context: ['method_profile', 'method_credential', 'method_environment'],
  property_group: ['stability', 'propval*', 'property*'],
  template: ['common_name', 'description', 'documentation', 'pg_pattern*'],
  common_name: ['loctext*'],
  description: ['loctext*'],
  documentation: ['doc_link*', 'manpage*'],
  pg_pattern: ['common_name', 'description', 'prop_pattern*'],
  prop_pattern: [
    ...['common_name', 'description', 'units', 'visibility', 'cardinality', 'internal_separators'],
    ...['values', 'constraints', 'choices'],
  ],
  values: ['value*'],
  choices: ['include_values*', 'range*', 'value*'],
  value: ['common_name', 'description'],
};

function outOfOrder(element: Element): readonly string[] {
  const order = ORDER[element.name] ?? [];
  let at = 0;
  const wrong = element.children.flatMap(({ name }) => {
    const place = order.findIndex((entry, index) => index >= at && entry.replace('*', '') === name);
    if (place < 0) return [`${name} in ${element.name}`];
    at = order[place]?.endsWith('*') === true ? place : place + 1;
    return [];
  });
  return [...wrong, ...element.children.flatMap(outOfOrder)];
}

describe('the manifest of svc:/network/ipsec/ike', () => {
  const xml = readFileSync(new URL('smf/ike.xml', ROOT), 'utf8');
  const bundle = readXml(xml);
  const [service] = below(bundle, 'service');
  assert.ok(service);
  const dependencies = below(service, 'dependency');
  const methods = named(below(service, 'exec_method'));
  const groups = named(below(service, 'property_group'));
  const value = (group: string, property: string): readonly (string | undefined)[] => {
    const { type, value: of } = named(groups[group]?.children ?? [])[property]?.attributes ?? {};
    return [type, of];
  };

  it('is a bundle in the order of its document type', () => {
    assert.match(
      xml,
      /<!DOCTYPE service_bundle SYSTEM "\/usr\/share\/lib\/xml\/dtd\/service_bundle\.dtd\.1">/,
    );
    assert.deepEqual([bundle.name, bundle.attributes.type], ['service_bundle', 'manifest']);
    assert.deepEqual(outOfOrder(bundle), []);
  });

  it('is of the service network/ipsec/ike', () => {
    assert.deepEqual(service.attributes, { name: 'network/ipsec/ike', type: 'service', version: '1' });
  });

  it('makes one instance, disabled', () => {
    assert.deepEqual(
      below(service, 'create_default_instance').map(({ attributes }) => attributes),
      [{ enabled: 'false' }],
    );
    assert.equal(below(service, 'single_instance').length, 1);
    assert.deepEqual(below(service, 'instance'), []);
  });

  it('keeps its daemon under the contract model, which is that of no startd group', () => {
    assert.equal(groups.startd, undefined);
    assert.equal(groups.restarter, undefined);
  });

  for (const fmri of [
    'svc:/network/ipsec/ipsecalgs',
    'svc:/network/ipsec/policy',
    'svc:/system/filesystem/minimal',
    'svc:/milestone/network',
  ]) {
    it(`depends on ${fmri}`, () => {
      const found = dependencies.filter((dependency) =>
        below(dependency, 'service_fmri').some(({ attributes }) => attributes.value === fmri),
      );
      assert.equal(found.length, 1);
      const { grouping, restart_on, type } = found[0]?.attributes ?? {};
      assert.deepEqual([grouping, restart_on, type], ['require_all', 'none', 'service']);
    });
  }

  it('depends on nothing else', () => {
    assert.equal(dependencies.length, 4);
    assert.equal(new Set(dependencies.map(({ attributes }) => attributes.name)).size, 4);
    assert.deepEqual(below(service, 'dependent'), []);
  });

  for (const [method, exec] of [
    ['start', '/lib/svc/method/svc-ike start'],
    ['refresh', '/lib/svc/method/svc-ike refresh'],
    ['stop', ':kill'],
  ] as const) {
    it(`has ${exec} for ${method}, and gives it a minute`, () => {
      const { type, exec: command, timeout_seconds } = methods[method]?.attributes ?? {};
      assert.deepEqual([type, command, timeout_seconds], ['method', exec, '60']);
    });
  }

  it('has no other method, and a script that knows what is asked of it', () => {
    assert.deepEqual(Object.keys(methods), ['start', 'refresh', 'stop']);
    const script = readFileSync(new URL('smf/svc-ike', ROOT), 'utf8');
    for (const word of ['start', 'refresh', 'stop']) assert.match(script, new RegExp(`^${word}\\)$`, 'm'));
  });

  for (const [property, type, preset] of [
    ['config_file', 'astring', '/etc/inet/ike/config'],
    ['admin_privilege', 'astring', 'base'],
    ['debug_level', 'astring', 'op'],
    ['debug_logfile', 'astring', '/var/log/in.iked.log'],
    ['ignore_errors', 'boolean', 'false'],
    ['value_authorization', 'astring', 'solaris.smf.value.ipsec'],
  ] as const) {
    it(`has config/${property}, ${type}, ${preset}`, () => {
      assert.equal(groups.config?.attributes.type, 'application');
      assert.deepEqual(value('config', property), [type, preset]);
    });
  }

  for (const property of ['action_authorization', 'value_authorization']) {
    it(`has general/${property}, solaris.smf.manage.ipsec`, () => {
      assert.equal(groups.general?.attributes.type, 'framework');
      assert.deepEqual(value('general', property), ['astring', 'solaris.smf.manage.ipsec']);
    });
  }

  it('has the properties that the daemon reads, with defaults that it takes', () => {
    const config = groups.config?.children ?? [];
    const names = config.map(({ attributes }) => attributes.name);
    assert.deepEqual(names.slice(0, -1), PROPERTIES);
    const printed = config.map(({ attributes: { name = '', type = '', value: of = '' } }) =>
      ['config/' + name, type, of].join(' '),
    );
    assert.deepEqual(parseServiceProperties(printed.join('\n')), {
      ok: true,
      value: {
        configFile: '/etc/inet/ike/config',
        privilege: 0,
        debugLevel: 0x4,
        debugLogfile: '/var/log/in.iked.log',
        ignoreErrors: false,
      },
    });
  });

  it('describes each of them', () => {
    const patterns = named(below(service, 'template', 'pg_pattern', 'prop_pattern'));
    assert.deepEqual(Object.keys(patterns), PROPERTIES);
    for (const [name, pattern] of Object.entries(patterns)) {
      const [words] = below(pattern, 'description', 'loctext');
      assert.ok((words?.text.trim().length ?? 0) > 20, name);
      assert.equal(pattern.attributes.type, value('config', name)[0], name);
    }
    const levels = below(patterns.admin_privilege ?? service, 'values', 'value');
    assert.deepEqual(Object.keys(named(levels)), ['base', 'modkeys', 'keymat']);
  });

  it('names the manual pages, which are there', () => {
    const pages = below(service, 'template', 'documentation', 'manpage').map(
      ({ attributes: { title = '', section = '' } }) => `man${section}/${title}.${section}`,
    );
    for (const page of pages) assert.ok(existsSync(new URL(`man/${page}`, ROOT)), page);
    const there = ['man5', 'man8'].flatMap((folder) =>
      readdirSync(new URL(`man/${folder}`, ROOT)).map((file) => `${folder}/${file}`),
    );
    assert.deepEqual([...pages].sort(), there.sort());
  });
});

describe('the reader of manifests', () => {
  for (const [what, body] of [
    ['an element that is closed by another', '<a><b></a></b>'],
    ['one that is never closed', '<a><b/>'],
    ['two roots', '<a/><b/>'],
    ['a comment in a comment', '<a><!-- -- --></a>'],
    ['an entity that nobody knows', '<a>&nbsp;</a>'],
    ['a bare ampersand', '<a b="R&D"/>'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['an attribute without quotes', '<a b=1/>'],
    ['text outside', '<a/>b'],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => readXml(`<?xml version="1.0"?>\n${body}`), /^Error: (line 2: |no )/);
    });
  }
});
