/** The properties of the service as svcprop(1) prints them. */
import assert from 'node:assert/strict';
import { NO_PROPERTIES, parseServiceProperties } from '../../../services/config/service-properties.js';

function read(...lines: readonly string[]): unknown {
  const properties = parseServiceProperties(lines.map((line) => `${line}\n`).join(''));
  return properties.ok ? properties.value : properties.error;
}

describe('service properties', () => {
  it('are read, and those of others are not', () => {
    assert.deepEqual(
      read(
        'config/admin_privilege astring modkeys',
        'config/config_file astring /etc/inet/ike/config',
        'config/debug_level astring operator',
        'config/debug_logfile astring /var/log/in.iked.log',
        'config/ignore_errors boolean true',
        'config/value_authorization astring solaris.smf.value.ipsec',
        'general/enabled boolean false',
      ),
      {
        configFile: '/etc/inet/ike/config',
        privilege: 1,
        debugLevel: 4,
        debugLogfile: '/var/log/in.iked.log',
        ignoreErrors: true,
      },
    );
  });

  it('that are missing or empty say nothing', () => {
    assert.deepEqual(read(), NO_PROPERTIES);
    assert.deepEqual(read('config/debug_logfile astring ""', 'config/config_file astring'), NO_PROPERTIES);
  });

  it('may hold what a shell would not leave alone', () => {
    assert.deepEqual(read('config/config_file astring /etc/my\\ ike/\\"config\\"\\\\'), {
      ...NO_PROPERTIES,
      configFile: '/etc/my ike/"config"\\',
    });
  });

  for (const [text, level] of [
    ['op', 0x4],
    ['Operator', 0x4],
    ['all', 0x7ff],
    ['all-operator', 0x7fb],
    ['p1+phase2+operator', 0x1c],
    ['0x58', 0x58],
    ['0', 0],
  ] as const) {
    it(`takes ${text} for a debug level`, () => {
      assert.deepEqual(read(`config/debug_level astring ${text}`), { ...NO_PROPERTIES, debugLevel: level });
    });
  }

  for (const [text, level] of [
    ['0', 0],
    ['1', 1],
    ['2', 2],
    ['base', 0],
    ['KEYMAT', 2],
  ] as const) {
    it(`takes ${text} for a privilege level`, () => {
      assert.deepEqual(read(`config/admin_privilege astring ${text}`), {
        ...NO_PROPERTIES,
        privilege: level,
      });
    });
  }

  it('are refused all at once, each with the way to mend it', () => {
    assert.deepEqual(
      read(
        'config/config_file astring ike.config',
        'config/admin_privilege astring 3',
        'config/debug_level astring op+operators',
        'config/debug_logfile astring in.iked.log',
        'config/ignore_errors boolean yes',
      ),
      [
        ['config_file', 'ike.config', 'an absolute path'],
        ['admin_privilege', '3', 'base, modkeys, keymat, or 0 to 2'],
        ['debug_level', 'op+operators', 'a number, or categories such as op+p1+p2'],
        ['debug_logfile', 'in.iked.log', 'an absolute path'],
        ['ignore_errors', 'yes', 'true or false'],
      ].map(
        ([name = '', value = '', wanted = '']) =>
          `The property config/${name} is "${value}"; expected ${wanted}. Set it with svccfg -s ipsec/ike setprop config/${name} = ..., then svcadm refresh ike.`,
      ),
    );
  });
});
