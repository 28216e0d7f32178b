/** Numbers as they are typed, and values that fall back to the usual ones. */
import { describe, expect, it } from 'vitest';
import { USUAL } from './drafts';
import { minutesOf, plain, readHits, readNumber, setIn, withPersistence } from './numbers';

describe('reading', () => {
  it('takes per cent and decimal commas, within limits', () => {
    expect(readNumber('50', 1, 100)).toBe(50);
    expect(readNumber(' 2,5% ', 0, 100)).toBe(2.5);
    expect(readNumber('', 0, 1)).toBeNull();
    expect(readNumber('101', 1, 100)).toBe('bad');
    expect(readNumber('much', 1, 100)).toBe('bad');
  });

  it('takes k of n', () => {
    expect(readHits('3/5')).toEqual({ hits: 3, of: 5 });
    expect(readHits('2 of 3')).toEqual({ hits: 2, of: 3 });
    expect(readHits('')).toBeNull();
    expect(readHits('5/3')).toBe('bad');
    expect(readHits('0/3')).toBe('bad');
    expect(readHits('3')).toBe('bad');
  });

  it('writes what it read', () => {
    expect(minutesOf(90)).toBe('1.5');
    expect(plain(0.1 + 0.2)).toBe('0.3');
  });
});

describe('values of a zone', () => {
  const usual = USUAL.stall;

  it('keep what is usual for the class beside the one that was changed', () => {
    expect(withPersistence('stall', undefined, { dwell_s: 60 })).toEqual({ ...usual, dwell_s: 60 });
  });

  it('are none of its own once they are as usual', () => {
    const own = withPersistence('stall', undefined, { dwell_s: 60 });
    if (own === null || usual === undefined) throw new Error('no values');
    expect(withPersistence('stall', own, { dwell_s: usual.dwell_s })).toBeNull();
  });

  it('are set and taken out by class', () => {
    expect(setIn({ stall: 0.5 }, 'litter', 0.4)).toEqual({ stall: 0.5, litter: 0.4 });
    expect(setIn({ stall: 0.5 }, 'stall', null)).toEqual({});
  });
});
