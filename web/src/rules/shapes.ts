/** Polygons on a view, in shares of it: how corners and whole polygons move and when one is sound. */
import type { Point } from '../api/cameras';

export type Polygon = readonly Point[];

export const FEWEST_CORNERS = 3;

const clamp = (value: number) => Math.min(1, Math.max(0, value));

/** Four decimals are a tenth of a pixel on a 1080p view, and read well in a file. */
const round = (value: number) => Math.round(value * 10_000) / 10_000;

export function inView([x, y]: Point): Point {
  return [round(clamp(x)), round(clamp(y))];
}

export function moveCorner(polygon: Polygon, index: number, to: Point): Point[] {
  return polygon.map((point, place) => (place === index ? inView(to) : point));
}

/** The whole polygon moved as far as the view allows, its shape kept. */
export function movePolygon(polygon: Polygon, dx: number, dy: number): Point[] {
  const within = (delta: number, values: number[]) =>
    Math.min(1 - Math.max(...values), Math.max(-Math.min(...values), delta));
  const x = within(
    dx,
    polygon.map((point) => point[0]),
  );
  const y = within(
    dy,
    polygon.map((point) => point[1]),
  );
  return polygon.map((point) => inView([point[0] + x, point[1] + y]));
}

/** The middle of the edge from corner `index` to the next. */
export function middle(polygon: Polygon, index: number): Point {
  const a = polygon[index] ?? [0, 0];
  const b = polygon[(index + 1) % polygon.length] ?? [0, 0];
  return inView([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
}

/** A new corner after corner `index`, in the middle of that edge unless `at` is given. */
export function insertCorner(polygon: Polygon, index: number, at?: Point): Point[] {
  const added = at === undefined ? middle(polygon, index) : inView(at);
  return [...polygon.slice(0, index + 1), added, ...polygon.slice(index + 1)];
}

/** Without corner `index`; null when too few would be left. */
export function deleteCorner(polygon: Polygon, index: number): Point[] | null {
  if (polygon.length <= FEWEST_CORNERS) return null;
  return polygon.filter((_, place) => place !== index);
}

function side(a: Point, b: Point, c: Point): number {
  return Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
}

function between(a: Point, b: Point, c: Point): boolean {
  return (
    Math.min(a[0], b[0]) <= c[0] &&
    c[0] <= Math.max(a[0], b[0]) &&
    Math.min(a[1], b[1]) <= c[1] &&
    c[1] <= Math.max(a[1], b[1])
  );
}

function meet(a: Point, b: Point, c: Point, d: Point): boolean {
  const [p, q, r, s] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)];
  if (p !== q && r !== s) return true;
  return (
    (p === 0 && between(a, b, c)) ||
    (q === 0 && between(a, b, d)) ||
    (r === 0 && between(c, d, a)) ||
    (s === 0 && between(c, d, b))
  );
}

/** The area in shares of the view's; that of a crossing polygon means nothing. */
export function area(polygon: Polygon): number {
  const sum = polygon.reduce((total, point, index) => {
    const next = polygon[(index + 1) % polygon.length] ?? point;
    return total + point[0] * next[1] - next[0] * point[1];
  }, 0);
  return Math.abs(sum) / 2;
}

/** Whether no edge crosses or touches another and there is an area: what the service asks for. */
export function isSound(polygon: Polygon): boolean {
  const count = polygon.length;
  if (count < FEWEST_CORNERS || area(polygon) <= 1e-6) return false;
  const corner = (index: number) => polygon[index % count] ?? [0, 0];
  for (let one = 0; one < count; one += 1) {
    const [a, b] = [corner(one), corner(one + 1)];
    if (a[0] === b[0] && a[1] === b[1]) return false;
    for (let other = one + 1; other < count; other += 1) {
      const next = other === one + 1 || (one === 0 && other === count - 1);
      const [c, d] = [corner(other), corner(other + 1)];
      if (!next && meet(a, b, c, d)) return false;
      // Neighbours share a corner; they must not run back over each other.
      const [tip, far] = other === one + 1 ? [a, d] : [b, c];
      const joint = other === one + 1 ? b : a;
      if (next && count > 3 && side(tip, joint, far) === 0) {
        const back =
          (tip[0] - joint[0]) * (far[0] - joint[0]) + (tip[1] - joint[1]) * (far[1] - joint[1]);
        if (back > 0) return false;
      }
    }
  }
  return true;
}

/** Where a label stands: the topmost corner. */
export function topCorner(polygon: Polygon): Point {
  return polygon.reduce<Point>(
    (top, point) => (point[1] < top[1] ? point : top),
    [polygon[0]?.[0] ?? 0, polygon[0]?.[1] ?? 0],
  );
}

/** How near two points lie, in shares of the width; `aspect` is width by height. */
export function distance(a: Point, b: Point, aspect: number): number {
  return Math.hypot(a[0] - b[0], (a[1] - b[1]) / aspect);
}
