/** Hours as people type and read them. */
import { describe, expect, it } from 'vitest';
import type { Span, Weekly } from '../api/cameras';
import { en } from '../i18n/en';
import { zh } from '../i18n/zh';
import {
  bars,
  fromDays,
  isOvernight,
  isWholeDay,
  nameWeekly,
  readClock,
  readDates,
  toDays,
} from './hours';

const span = (start: string, end: string): Span => ({ start: `${start}:00`, end: `${end}:00` });

const MARKET: Weekly[] = [
  { days: [4, 5], spans: [span('20:00', '02:00')] },
  { days: [6], spans: [span('08:00', '12:00'), span('20:00', '02:00')] },
];

describe('readClock', () => {
  it.each([
    ['8', '08:00'],
    ['830', '08:30'],
    ['8:30', '08:30'],
    ['08：30', '08:30'],
    ['２０：００', '20:00'],
    ['20.15', '20:15'],
    ['20点', '20:00'],
    ['8点30分', '08:30'],
    ['24:00', '00:00'],
    ['07:05:00', '07:05'],
  ])('reads %s', (text, clock) => expect(readClock(text)).toBe(clock));

  it.each(['', '25', '8:61', 'noon', '24:01', '-1'])('refuses %j', (text) =>
    expect(readClock(text)).toBeNull(),
  );
});

describe('a week', () => {
  it('is edited by days and kept as short as it can be said', () => {
    const days = toDays(MARKET);
    expect(days.map((spans) => spans.length)).toEqual([0, 0, 0, 0, 1, 1, 2]);
    expect(fromDays(days)).toEqual(MARKET);
    expect(fromDays([[], [], [], [], [], [], []])).toEqual([]);
  });

  it('says spans of several groups once, in order', () => {
    const twice: Weekly[] = [
      { days: [0], spans: [span('18:00', '20:00'), span('08:00', '12:00')] },
      { days: [0, 1], spans: [span('08:00', '12:00')] },
    ];
    expect(toDays(twice)[0]).toEqual([span('08:00', '12:00'), span('18:00', '20:00')]);
  });

  it('is drawn with the rest of the night before', () => {
    const days = toDays(MARKET);
    expect(bars(days, 0)).toEqual([{ from: 0, to: 2 / 24, tail: true }]);
    expect(bars(days, 4)).toEqual([{ from: 20 / 24, to: 1, tail: false }]);
    expect(bars(days, 5)).toHaveLength(2);
    expect(bars(toDays([{ days: [2], spans: [span('00:00', '00:00')] }]), 2)).toEqual([
      { from: 0, to: 1, tail: false },
    ]);
  });

  it('is read in both languages', () => {
    expect(nameWeekly(MARKET, en.hours.texts)).toEqual([
      'Fri, Sat 20:00–next day 02:00',
      'Sun 08:00–12:00, 20:00–next day 02:00',
    ]);
    const nights: Weekly[] = [{ days: [0, 1, 2, 3, 4], spans: [span('20:00', '02:00')] }];
    expect(nameWeekly(nights, zh.hours.texts)).toEqual(['周一至周五 20:00–次日02:00']);
    const always: Weekly[] = [{ days: [0, 1, 2, 3, 4, 5, 6], spans: [span('00:00', '00:00')] }];
    expect(nameWeekly(always, zh.hours.texts)).toEqual(['每天 全天']);
  });
});

describe('spans', () => {
  it('end on the next day, at midnight, or never', () => {
    expect(isOvernight(span('20:00', '02:00'))).toBe(true);
    expect(isOvernight(span('20:00', '00:00'))).toBe(false);
    expect(isOvernight(span('08:00', '12:00'))).toBe(false);
    expect(isWholeDay(span('00:00', '00:00'))).toBe(true);
    expect(isWholeDay(span('08:00', '00:00'))).toBe(false);
  });
});

describe('readDates', () => {
  it('finds dates in a pasted text, each once, in order', () => {
    expect(readDates('2026-10-02、2026/10/1\n2026年10月3日 2026-10-02')).toEqual([
      '2026-10-01',
      '2026-10-02',
      '2026-10-03',
    ]);
  });

  it('takes no day that does not exist', () => {
    expect(readDates('2026-02-30 2026-13-01 soon')).toEqual([]);
  });
});
