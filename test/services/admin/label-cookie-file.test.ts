/** READ_RULES with two descriptors: the rules, and the file that is to map their numbers to their labels. */
import assert from 'node:assert/strict';
import { DOOR_ERROR } from '../../../services/admin/door/door-error.js';
import { CMD, errorOf, LOCATION, RW } from '../../../services/admin/door/heads.js';
import { SERVICE } from '../../../services/admin/door/service.js';
import { ownCall } from '../../../services/admin/door-call.js';
import { handleRequest } from '../../../services/admin/handle-request.js';
import type { DoorFile } from '../../../services/ports/door-file.js';
import { err, ok, type Result } from '../../../services/result.js';
import { ruleWith } from '../config/reading.js';
import { SimulatedAdministration } from './simulated-administration.js';

const EROFS = 30;

class TextFile implements DoorFile {
  readonly name = undefined;
  text: string;
  fault: number | undefined;

  constructor(text = '') {
    this.text = text;
  }

  readText(): Promise<Result<string, number>> {
    return Promise.resolve(ok(this.text));
  }

  readSecretText(): Promise<Result<string, number>> {
    return this.readText();
  }

  replaceText(text: string): Promise<Result<void, number>> {
    if (this.fault !== undefined) return Promise.resolve(err(this.fault));
    this.text = text;
    return Promise.resolve(ok(undefined));
  }

  appendText(text: string): Promise<Result<void, number>> {
    return this.replaceText(this.text + text);
  }

  keep(): Result<number, number> {
    return err(EROFS);
  }

  share(): Result<number, number> {
    return err(EROFS);
  }

  close(): void {
    this.fault = EROFS;
  }
}

const RULES = ruleWith('') + ruleWith('').replace('"x"', '"of two words"');

function readRules(admin: SimulatedAdministration, ...files: DoorFile[]): Promise<Uint8Array> {
  const request = RW.encode({ cmd: SERVICE.READ_RULES, location: LOCATION.DESCRIPTOR }, {});
  return handleRequest({ ...ownCall(request), files }, admin);
}

describe('a label-cookie file that comes with READ_RULES', () => {
  it('gets a number for every label', async () => {
    const map = new TextFile('of another time');
    const reply = await readRules(new SimulatedAdministration(), new TextFile(RULES), map);
    assert.equal(CMD.read(reply)?.number('cmd'), SERVICE.READ_RULES);
    assert.equal(map.text, '1\tx\n2\tof two words\n');
  });

  it('need not come', async () => {
    const admin = new SimulatedAdministration();
    assert.equal(errorOf(await readRules(admin, new TextFile(RULES))), undefined);
    assert.equal(admin.configuration.settings.config.rules.length, 2);
  });

  it('is left alone when the rules are refused', async () => {
    const map = new TextFile('as it was');
    const reply = await readRules(new SimulatedAdministration(), new TextFile('{'), map);
    assert.equal(errorOf(reply)?.code, DOOR_ERROR.DATA_INVALID);
    assert.equal(map.text, 'as it was');
  });

  it('that cannot be written is told of, and that the rules are in use', async () => {
    const admin = new SimulatedAdministration();
    const map = new TextFile();
    map.fault = EROFS;
    const error = errorOf(await readRules(admin, new TextFile(RULES), map));
    assert.deepEqual([error?.code, error?.errno], [DOOR_ERROR.SYS_ERR, EROFS]);
    assert.match(error?.details.join() ?? '', /rules are in use/);
    assert.equal(admin.configuration.settings.config.rules.length, 2);
  });
});
