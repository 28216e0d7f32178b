/** The classes' keys and colours. */
import { describe, expect, it } from 'vitest';
import { bothNames, ISSUE_CLASSES, issueClass } from './classes';

/** Relative luminance by WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe('ISSUE_CLASSES', () => {
  it('are chosen by the digits 1 to 5 in the order of the service', () => {
    expect(ISSUE_CLASSES.map(({ key, label }) => `${key} ${label}`)).toEqual([
      '1 spill',
      '2 stacked_goods',
      '3 stall',
      '4 litter',
      '5 overflowing_bin',
    ]);
  });

  it('have labels that can be read on their colour', () => {
    for (const { colour, ink } of [...ISSUE_CLASSES, issueClass('unheard_of')]) {
      const [light = 0, dark = 0] = [luminance(colour), luminance(ink)].sort((a, b) => b - a);
      expect((light + 0.05) / (dark + 0.05)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('show an unknown label as it is', () => {
    expect(bothNames('unheard_of', 'zh')).toEqual(['unheard_of', 'unheard_of']);
  });
});
