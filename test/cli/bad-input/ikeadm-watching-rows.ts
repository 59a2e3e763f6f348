/** Wrong words to the commands that watch, record, replay and examine. */
import { bad, type BadInput, unknownObject, USAGE } from './ikeadm-row.js';

export const WATCHING: readonly BadInput[] = [
  bad('record', USAGE),
  bad('record save p1-1', /^ikeadm: record save needs an id as of "record list" and a file.*\nUsage:/),
  bad('record save p9-9 F/out', /^ikeadm: Could not find requested recording p9-9\.\n/),
  bad('inspect', USAGE),
  bad('inspect frob', unknownObject('frob')),
  bad(
    'inspect on frob',
    /^ikeadm: inspect on may have a port, or an address of this host and a port: .*\nUsage:/,
  ),
  bad('inspect on 99999', /^ikeadm: inspect on may have a port/),
  bad('inspect on 1 2', /^ikeadm: inspect on may have a port/),
  bad(
    'inspect on 192.0.2.1:8500',
    /^ikeadm: error setting the inspector: Supplied data invalid\nthe inspector serves only 127\.0\.0\.1 or ::1, not 192\.0\.2\.1/,
  ),
  bad('record on frob', /^ikeadm: record on may have --with-secrets and nothing else\nUsage:/),
  bad('replay', /^ikeadm: replay needs a file/),
  bad('replay F/nowhere', /^ikeadm: open .*nowhere: No such file or directory\nFatal error - exiting\.\n/),
  bad('replay F/new-key', /^ikeadm: ERROR: .*new-key:1: it is no recording of ikechart/),
  bad('replay F/new-key --set', /^ikeadm: replay needs a file, or an id of record list, and may have --set/),
  bad('replay p1-99', /^ikeadm: Could not find requested recording p1-99\.\n/),
  bad('replay F/new-key --page 0', /^ikeadm: ERROR: .*new-key:1: it is no recording of ikechart/),
  bad('replay F/new-key --page frob', /^ikeadm: replay needs a file, or an id of record list/),
  bad('record export p1-1 frob F/out', /^ikeadm: record export needs an id or a recording, one of pcapng/),
  bad('record export p1-99 svg F/out', /^ikeadm: Could not find requested recording p1-99\.\n/),
  bad('record export F/new-key svg F/out', /^ikeadm: ERROR: .*new-key:1: it is no recording of ikechart/),
  bad('diff F/new-key', /^ikeadm: diff needs the recordings of two ends\nUsage:/),
  bad('diff F/new-key F/new-key', /^ikeadm: ERROR: .*new-key:1: it is no recording of ikechart/),
  bad('doctor frob', /^ikeadm: doctor takes --fix or nothing\nUsage:/),
  bad('doctor fix', /^ikeadm: doctor takes --fix or nothing\nUsage:/),
  bad('doctor --fix 192.0.2.1', /^ikeadm: doctor takes --fix or nothing\nUsage:/),
  bad('monitor frob', /^ikeadm: monitor takes nothing else\nUsage:/),
];
