/** What stops rules from being saved. */
import { describe, expect, it } from 'vitest';
import type { Permit, Point, Rules } from '../api/cameras';
import { freeId, isWholeView, newShape, shapeName, wrongs } from './drafts';
import { sampleRules } from './sample';

const TRIANGLE: Point[] = [
  [0.1, 0.1],
  [0.5, 0.1],
  [0.5, 0.5],
];

const CROSSED: Point[] = [
  [0.2, 0.2],
  [0.6, 0.6],
  [0.6, 0.2],
  [0.2, 0.6],
];

function withPermit(change: Partial<Permit>): Rules {
  const rules = sampleRules();
  const permit = newShape('permits', TRIANGLE, rules) as Permit;
  return { ...rules, permits: [{ ...permit, ...change }] };
}

const faults = (rules: Rules) => wrongs(rules).map((one) => one.fault);

describe('wrongs', () => {
  it('finds nothing in new rules and new polygons', () => {
    expect(wrongs(sampleRules())).toEqual([]);
    expect(faults(withPermit({}))).toEqual([]);
  });

  it('finds lines that cross', () => {
    expect(faults(withPermit({ polygon: CROSSED }))).toEqual(['crossing']);
  });

  it('finds names that are missing or given twice', () => {
    const rules = sampleRules();
    const zone = rules.zones[0];
    if (zone === undefined) throw new Error('no zone');
    expect(wrongs({ ...rules, zones: [zone, zone] })).toEqual([
      { kind: 'zones', index: 1, fault: 'twice' },
    ]);
    expect(faults({ ...rules, zones: [{ ...zone, id: '' }] })).toEqual(['id']);
    expect(faults({ ...rules, zones: [{ ...zone, id: ' a' }] })).toEqual(['id']);
    expect(faults({ ...rules, zones: [{ ...zone, id: 'a'.repeat(65) }] })).toEqual(['id']);
    expect(faults({ ...rules, zones: [{ ...zone, id: '东侧 shop-1' }] })).toEqual([]);
  });

  it('finds permits that never hold', () => {
    expect(faults(withPermit({ weekly: [] }))).toEqual(['noDays']);
    expect(faults(withPermit({ weekly: [], dates: { '2026-12-31': [] } }))).toEqual([]);
    const validity = { valid_from: '2026-05-02', valid_until: '2026-05-01' };
    expect(faults(withPermit(validity))).toEqual(['validity']);
  });
});

describe('names', () => {
  it('are free numbers until someone gives one', () => {
    expect(freeId('masks', ['mask-1', 'mask-3'])).toBe('mask-2');
    const mask = newShape('masks', TRIANGLE, sampleRules());
    expect(shapeName(mask, 'all')).toBe('mask-1');
    const zone = newShape('zones', TRIANGLE, sampleRules());
    expect(shapeName({ ...zone, name: 'North' }, 'all')).toBe('North');
    const whole = sampleRules().zones[0];
    expect(whole === undefined ? '' : shapeName(whole, 'all')).toBe('all');
  });

  it('know the whole view', () => {
    expect(isWholeView(sampleRules().zones[0]?.polygon ?? [])).toBe(true);
    expect(isWholeView(TRIANGLE)).toBe(false);
  });
});
