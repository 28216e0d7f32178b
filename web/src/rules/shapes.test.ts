/** Corners and polygons stay within the view, and crossing lines are found. */
import { describe, expect, it } from 'vitest';
import type { Point } from '../api/cameras';
import {
  area,
  deleteCorner,
  distance,
  insertCorner,
  isSound,
  middle,
  moveCorner,
  movePolygon,
  topCorner,
} from './shapes';

const SQUARE: Point[] = [
  [0.2, 0.2],
  [0.6, 0.2],
  [0.6, 0.6],
  [0.2, 0.6],
];

describe('moving', () => {
  it('keeps a corner within the view', () => {
    expect(moveCorner(SQUARE, 1, [1.4, -0.2])[1]).toEqual([1, 0]);
  });

  it('moves a whole polygon no further than the edge, its shape kept', () => {
    const moved = movePolygon(SQUARE, 0.9, -0.05);
    expect(moved).toEqual([
      [0.6, 0.15],
      [1, 0.15],
      [1, 0.55],
      [0.6, 0.55],
    ]);
    expect(area(moved)).toBeCloseTo(area(SQUARE));
  });
});

describe('corners', () => {
  it('come in the middle of an edge, also the last one', () => {
    expect(middle(SQUARE, 3)).toEqual([0.2, 0.4]);
    expect(insertCorner(SQUARE, 3)).toHaveLength(5);
    expect(insertCorner(SQUARE, 3)[4]).toEqual([0.2, 0.4]);
    expect(insertCorner(SQUARE, 0, [0.4, 0.1])[1]).toEqual([0.4, 0.1]);
  });

  it('go, but three stay', () => {
    const triangle = deleteCorner(SQUARE, 0);
    expect(triangle).toEqual(SQUARE.slice(1));
    expect(deleteCorner(triangle ?? [], 0)).toBeNull();
  });
});

describe('isSound', () => {
  const sound: [string, Point[]][] = [
    ['a square', SQUARE],
    ['a triangle', SQUARE.slice(0, 3)],
    [
      'the whole view',
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
    ],
    [
      'a hollow shape',
      [
        [0, 0],
        [1, 0],
        [0.5, 0.4],
        [1, 1],
        [0, 1],
      ],
    ],
    ['a corner on a straight edge', insertCorner(SQUARE, 0)],
  ];
  it.each(sound)('takes %s', (_, polygon) => expect(isSound(polygon)).toBe(true));

  const unsound: [string, Point[]][] = [
    ['two corners', SQUARE.slice(0, 2)],
    [
      'a line',
      [
        [0, 0],
        [0.5, 0.5],
        [1, 1],
      ],
    ],
    [
      'crossing edges',
      [
        [0.2, 0.2],
        [0.6, 0.6],
        [0.6, 0.2],
        [0.2, 0.6],
      ],
    ],
    [
      'a corner on another edge',
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0.5, 0],
        [0, 1],
      ],
    ],
    ['a corner twice', [...SQUARE, [0.2, 0.6]]],
    [
      'an edge that runs back over the last',
      [
        [0, 0],
        [0.8, 0],
        [0.4, 0],
        [0.4, 0.5],
      ],
    ],
  ];
  it.each(unsound)('refuses %s', (_, polygon) => expect(isSound(polygon)).toBe(false));
});

describe('places', () => {
  it('are measured in the proportions of the picture', () => {
    expect(distance([0, 0], [0, 0.5], 2)).toBeCloseTo(0.25);
    expect(distance([0, 0], [0.5, 0], 2)).toBeCloseTo(0.5);
  });

  it('names stand at the topmost corner', () => {
    expect(topCorner([...SQUARE, [0.4, 0.05]])).toEqual([0.4, 0.05]);
  });
});
