/** Clocks, lengths and the colours of deadlines. */
import { describe, expect, it } from 'vitest';
import { en } from '../i18n/en';
import { zh } from '../i18n/zh';
import {
  age,
  bytes,
  clock,
  coordinates,
  deadline,
  exactClock,
  roughly,
  shortClock,
  span,
} from './time';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-21T00:00:00Z');
const at = (hours: number) => START + hours * HOUR;
const iso = (hours: number) => new Date(at(hours)).toISOString();

describe('deadline', () => {
  const tone = (now: number, term = 24, state = 'PENDING_DISPATCH') =>
    deadline(iso(0), iso(term), state, at(now)).tone;

  it('turns from green over yellow and orange to red', () => {
    expect(tone(1)).toBe('ok');
    expect(tone(17.9)).toBe('ok');
    expect(tone(18.1)).toBe('late');
    expect(tone(22.9)).toBe('late');
    expect(tone(23.1)).toBe('soon');
    expect(tone(24.1)).toBe('overdue');
  });

  it('is orange in the last hour, however short the term', () => {
    expect(tone(0.1, 1)).toBe('soon');
    expect(tone(1.1, 2)).toBe('soon');
  });

  it('has no colour once the case has ended', () => {
    expect(tone(30, 24, 'CLOSED')).toBe('ended');
    expect(tone(30, 24, 'VOID')).toBe('ended');
    expect(tone(30, 24, 'HANDLING')).toBe('overdue');
  });
});

describe('span', () => {
  it('names the two largest units', () => {
    expect(span(51 * HOUR, en.time)).toBe('2 d 3 h');
    expect(span(1.5 * HOUR, en.time)).toBe('1 h 30 min');
    expect(span(125_000, en.time)).toBe('2 min 5 s');
    expect(span(40 * 60_000, en.time)).toBe('40 min');
    expect(span(9_900, zh.time)).toBe('9秒');
    expect(span(-5, en.time)).toBe('0 s');
  });
});

describe('roughly', () => {
  it('names the largest unit alone', () => {
    expect(roughly(51 * HOUR, en.time)).toBe('2 d');
    expect(roughly(3.9 * HOUR, zh.time)).toBe('3小时');
    expect(roughly(125_000, en.time)).toBe('2 min');
    expect(roughly(59_900, zh.time)).toBe('59秒');
    expect(roughly(-2_000, en.time)).toBe('0 s');
  });
});

describe('age', () => {
  it('speaks the language of the page', () => {
    expect(age(iso(0), at(2), 'zh-CN', zh.time.now)).toBe('2小时前');
    expect(age(iso(0), at(2), 'en-GB', en.time.now)).toMatch(/^2 h/);
    expect(age(iso(0), at(0), 'en-GB', en.time.now)).toBe('just now');
  });
});

describe('clock', () => {
  it('is local, to the minute, and sorts as text', () => {
    expect(clock('2026-03-04T05:06:07Z')).toMatch(/^2026-03-0[345] \d\d:\d\d$/);
    expect(clock('no time')).toBe('no time');
  });

  it('shows the second where the moment counts', () => {
    expect(exactClock(new Date(2026, 5, 30, 8, 5, 9).toISOString())).toBe('08:05:09');
    expect(exactClock('no time')).toBe('no time');
  });

  it('leaves out this year', () => {
    const june = new Date(2026, 5, 30, 8, 5).toISOString();
    expect(shortClock(june, new Date(2026, 6, 1).getTime())).toBe('06-30 08:05');
    expect(shortClock(june, new Date(2027, 6, 1).getTime())).toBe('2026-06-30 08:05');
  });
});

describe('figures', () => {
  it('are short', () => {
    expect(coordinates(29.5862, 120.8193)).toBe('29.58620, 120.81930');
    expect([999, 812_000, 3_440_000].map(bytes)).toEqual(['999 B', '812 KB', '3.4 MB']);
  });
});
