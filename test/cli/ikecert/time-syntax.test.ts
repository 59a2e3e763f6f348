/** Times of `-S` and `-F`, in whatever zone the test runs. */
import assert from 'node:assert/strict';
import { fourYearsAfter, parseTime } from '../../../cli/ikecert/time-syntax.js';

/** Local time. */
function local(...parts: readonly [number, number, number, number?, number?, number?]): number {
  const [year, month, day, hour = 0, minute = 0, second = 0] = parts;
  return new Date(year, month - 1, day, hour, minute, second).getTime();
}

function time(text: string, now: number): number {
  const read = parseTime(text, now);
  assert.ok(read.ok, read.ok ? '' : read.error);
  return read.value;
}

describe('the times of ikecert', () => {
  const RELATIVE: readonly (readonly [now: number, text: string, then: number])[] = [
    [local(2005, 1, 31), '+1M', local(2005, 3, 3)],
    [local(2005, 1, 26), '+3y1M', local(2008, 2, 26)],
    [local(2005, 1, 26), '+1M3y', local(2008, 2, 26)],
    [local(2026, 6, 15, 12), '-3y2M', local(2023, 4, 15, 12)],
    [local(2026, 6, 15), '+3d12h', local(2026, 6, 18, 12)],
    [local(2026, 6, 15), '+90s', local(2026, 6, 15, 0, 1, 30)],
    [local(2026, 6, 15), '+2m', local(2026, 6, 15, 0, 2)],
    [local(2026, 6, 15), '+1w', local(2026, 6, 22)],
    [local(2024, 2, 29), '+1y', local(2025, 3, 1)],
    [local(2026, 12, 31), '+2M', local(2027, 3, 3)],
  ];
  for (const [now, text, then] of RELATIVE) {
    it(`${text} counts from now, years and months on the calendar (${new Date(now).toDateString()})`, () => {
      assert.equal(new Date(time(text, now)).toString(), new Date(then).toString());
    });
  }

  const NOON = local(2027, 1, 22, 12);
  const ABSOLUTE: readonly (readonly [text: string, then: number])[] = [
    ['01/22/2027 12:00:00', NOON],
    ['1/22/27 12:00', NOON],
    ['01/22/2027 12:00:00 PM', NOON],
    ['2027-01-22T12:00:00', NOON],
    ['2027-01-22 12:00', NOON],
    ['22 Jan 2027 12:00:00', NOON],
    ['Friday, 22 January 2027 12:00', NOON],
    ['January 22, 2027, 12:00:00', NOON],
    ['Fri Jan 22 12:00:00 2027', NOON],
    ['01/22/2027', local(2027, 1, 22)],
    ['01/22/2027 12:00 AM', local(2027, 1, 22)],
    ['01/22/99', local(1999, 1, 22)],
    ['2027-01-22T12:00:00Z', Date.UTC(2027, 0, 22, 12)],
    ['02/29/2028 23:59:59', local(2028, 2, 29, 23, 59, 59)],
  ];
  for (const [text, then] of ABSOLUTE) {
    it(`${text} is absolute`, () => {
      assert.equal(time(text, 0), then);
    });
  }

  it('four years are four on the calendar', () => {
    assert.equal(fourYearsAfter(local(2026, 6, 15, 3)), local(2030, 6, 15, 3));
    assert.equal(fourYearsAfter(local(2024, 2, 29)), local(2028, 2, 29));
  });
});
