/** What in.iked(8) and the manifests of its sister services state of the daemon as a command and as a service. */
import { NO_DESTINATION } from './ikeadm-tests.js';
import { leftOut, type Manual, row, section, testsOf } from './row.js';

const manifest = (title: string) =>
  testsOf('smf/manifest.test.ts')(`the manifest of svc:/network/ipsec/ike ${title}`);
const method = (title: string) =>
  testsOf('smf/method.test.ts')(`the method of svc:/network/ipsec/ike ${title}`);
const check = (title: string) => testsOf('cli/in.iked/check.test.ts')(`in.iked -c ${title}`);
const refused = (title: string) => testsOf('cli/in.iked/refusals.test.ts')(`in.iked does not start ${title}`);
const life = (title: string) => testsOf('cli/in.iked/lifecycle.test.ts')(`the life of in.iked ${title}`);
const privilege = testsOf('cli/ikeadm/as-shipped/settings.test.ts')(
  'ikeadm as it ships shows and lowers the privilege level, by number and by name',
);
const started = method('start returns when the daemon runs, with the properties of the service');
const maintained = method('start with * puts the service into maintenance and says why in its log');
const refreshed = method('refresh brings changed properties and changed files');
const refresh = life('SIGHUP brings in an added rule, or says why not; live SAs are not disturbed');
const online = method(
  'start with a bad file and ignore_errors stays online without rules, until a refresh finds better ones',
);

export const IN_IKED: Manual = {
  command: 'in.iked',
  page: 'in.iked-rows.md',
  source: 'From in.iked(8), ike.config(5), libscf(3LIB) and the manifests of the sister services.',
  sections: [
    section(
      'options',
      'Options',
      row(
        'option',
        '-c checks the configuration and ends: 0, or 1 with each mistake and its place.',
        check(
          'accepts *, with a note for each certificate that is not there, and a warning for what is weak',
        ),
        check('lists each of five mistakes with its position, and exits 1'),
      ),
      row(
        'option',
        '-d stays at the terminal and says much, in a colour for each negotiation.',
        testsOf('service/terminal.service.ts')(
          'in.iked -d on a terminal gives each negotiation a colour of its own, and everything else none',
        ),
        life('SIGINT ends it alike, also while a negotiation waits for a silent peer'),
      ),
      row(
        'option',
        '-f names another configuration file.',
        check(
          'accepts *, with a note for each certificate that is not there, and a warning for what is weak',
        ),
        refused('with -f'),
      ),
      row('option', '-p is the privilege level: 0, 1 or 2.', privilege, refused('with -p 3')),
      row('option', 'The level is 0 where none is given.', started),
      row('option', 'Anything else is refused.', refused('with --frobnicate'), refused('with surplus')),
    ),
    section(
      'service',
      'The service',
      row('file', 'svc:/network/ipsec/ike, one instance.', manifest('is of the service network/ipsec/ike')),
      row('file', 'The instance is delivered disabled.', manifest('makes one instance, disabled')),
      row(
        'file',
        'The contract model: the daemon stays.',
        manifest('keeps its daemon under the contract model, which is that of no startd group'),
      ),
      row('file', 'It depends on ipsecalgs.', manifest('depends on svc:/network/ipsec/ipsecalgs')),
      row('file', 'It depends on policy.', manifest('depends on svc:/network/ipsec/policy')),
      row(
        'file',
        'It depends on minimal file systems, and on a network.',
        manifest('depends on svc:/system/filesystem/minimal'),
        manifest('depends on svc:/milestone/network'),
      ),
      row(
        'command',
        'start runs the daemon, which reads the properties of the service.',
        manifest('has /lib/svc/method/svc-ike start for start, and gives it a minute'),
        started,
      ),
      row(
        'command',
        'refresh is SIGHUP: files and certificates are read again.',
        manifest('has /lib/svc/method/svc-ike refresh for refresh, and gives it a minute'),
        refreshed,
        refresh,
      ),
      row(
        'command',
        'stop kills the contract.',
        manifest('has :kill for stop, and gives it a minute'),
        method('stop ends it and leaves nothing; a second one finds nothing to do'),
      ),
      row(
        'command',
        'ikeadm read rule is the same as SIGHUP, and changes nothing if a file is wrong.',
        refresh,
        method('refresh with broken files or properties changes nothing, and the log says why'),
      ),
      row(
        'command',
        'start/exec may be changed for another instruction set.',
        leftOut('svccfg(8) of illumos changes it; JavaScript has no instruction set.'),
      ),
    ),
    section(
      'properties',
      'Properties',
      row('option', 'config/config_file, as -f.', manifest('has config/config_file, *'), started),
      row(
        'option',
        'config/admin_privilege: base, modkeys, keymat, or the numbers of -p.',
        manifest('has config/admin_privilege, *'),
        started,
        method('refresh undoes nothing that ikeadm has set, and never raises the privilege'),
      ),
      row(
        'option',
        'config/debug_level: nicknames, also operator for op; all is -d.',
        manifest('has config/debug_level, *'),
        refreshed,
        testsOf('services/config/service-properties.test.ts')('service properties takes * for a debug level'),
      ),
      row(
        'option',
        'config/debug_logfile: where the debug output goes.',
        manifest('has config/debug_logfile, *'),
        method('refresh goes on in a new log after the old one was renamed'),
      ),
      row(
        'option',
        'config/ignore_errors: a bad file is no reason not to run.',
        manifest('has config/ignore_errors, *'),
        online,
      ),
      row(
        'option',
        'config/value_authorization is solaris.smf.value.ipsec.',
        manifest('has config/value_authorization, *'),
      ),
      row(
        'option',
        'general/action_authorization and value_authorization are solaris.smf.manage.ipsec.',
        manifest('has general/action_authorization, solaris.smf.manage.ipsec'),
        manifest('has general/value_authorization, solaris.smf.manage.ipsec'),
      ),
      row('option', 'Values take effect with a refresh.', refreshed),
      row(
        'command',
        'Profiles grant these authorizations, and run the commands with effective user 0.',
        leftOut('Profiles are part of illumos: prof_attr(5), exec_attr(5).'),
      ),
    ),
    section(
      'exits',
      'Exit statuses',
      row(
        'exit',
        'From a shell 0 or 1, and Fatal error - exiting.',
        refused('with a missing configuration file'),
      ),
      row(
        'exit',
        'Under SMF a bad configuration is 95: Bad configuration of service FMRI.',
        refused('with every mistake of every file'),
        check('exits 95 under a service manager'),
        maintained,
      ),
      row(
        'exit',
        'Under SMF insecure files are 100: Permission error with FMRI.',
        refused('with a preshared file that others may read'),
        maintained,
      ),
      row(
        'exit',
        'Under SMF another fatal error is 95: Service FMRI fatal error.',
        refused('with an address that is not of this host'),
        maintained,
      ),
      row(
        'exit',
        'What may be tried again has a status of its own kind.',
        method('start of a daemon that is killed before it runs may be tried again'),
      ),
      row(
        'exit',
        'The original has DEGRADE, MAINTAIN, DISABLE, RESTART and DEBUG_FATAL, too.',
        leftOut('Nothing that the daemon meets is one of these: it runs, or says why it cannot.'),
      ),
      row('exit', 'SMF is recognized by SMF_FMRI.', refused('with a missing configuration file')),
    ),
    section(
      'files',
      'Files',
      row(
        'file',
        'ike/config, secret/ike.preshared, the certificate stores and crls below /etc/inet.',
        check('reads the file below the root'),
        refused('with a missing preshared file'),
      ),
      row(
        'file',
        'The door is var/run/ike_door, for its owner alone.',
        testsOf('cli/in.iked/administration.test.ts')('ikeadm and a real in.iked is its owner’s alone'),
      ),
      row('file', 'var/run/ipsec_kmc_map has the cookies of labels.', refresh),
      row('file', 'Core files would hold keys.', NO_DESTINATION),
      row(
        'file',
        'UDP 2005 talks to the daemon of a cluster.',
        leftOut('Clusters of the original are not part of this daemon.'),
      ),
    ),
  ],
};
