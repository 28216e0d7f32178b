/** Boxes on pictures of any size. */
import { describe, expect, it } from 'vitest';
import { fit, labelTop, placeBox, zoomTo } from './picture';

describe('fit', () => {
  it('fills the width of a room that is too narrow, the height of one that is too low', () => {
    expect(fit({ width: 1920, height: 1080 }, { width: 960, height: 900 })).toEqual({
      width: 960,
      height: 540,
    });
    expect(fit({ width: 1080, height: 1920 }, { width: 960, height: 480 })).toEqual({
      width: 270,
      height: 480,
    });
  });

  it('is empty while the room is not measured', () => {
    expect(fit({ width: 10, height: 10 }, { width: 0, height: 0 })).toEqual({
      width: 0,
      height: 0,
    });
  });
});

describe('placeBox', () => {
  it('scales the pixels of the original to those of the screen', () => {
    expect(
      placeBox([400, 300, 800, 600], { width: 4000, height: 3000 }, { width: 1000, height: 750 }),
    ).toEqual({ left: 100, top: 75, width: 100, height: 75 });
  });

  it('cuts off what lies outside the picture', () => {
    expect(
      placeBox([-50, 90, 60, 130], { width: 100, height: 100 }, { width: 200, height: 200 }),
    ).toEqual({ left: 0, top: 180, width: 120, height: 20 });
  });
});

describe('zoomTo', () => {
  it('keeps the picture over the whole view and the box inside it', () => {
    const shown = { width: 900, height: 600 };
    const box = { left: 840, top: 10, width: 50, height: 40 };
    const { scale, x, y } = zoomTo(box, shown);
    expect(scale).toBe(4);
    expect(x).toBeGreaterThanOrEqual(900 - 900 * scale);
    expect(y).toBe(0);
    expect(box.left * scale + x).toBeGreaterThanOrEqual(0);
    expect((box.left + box.width) * scale + x).toBeLessThanOrEqual(900);
  });
});

describe('labelTop', () => {
  it('lies above the box, or inside at the upper edge of the picture', () => {
    expect(labelTop({ left: 0, top: 100, width: 10, height: 10 }, 24)).toBe(76);
    expect(labelTop({ left: 0, top: 5, width: 10, height: 10 }, 24)).toBe(5);
  });
});
