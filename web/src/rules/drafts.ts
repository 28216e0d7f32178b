/** New zones, permits and masks, and what must be put right before the rules can be saved. */
import type { Mask, Permit, Persistence, Point, Rules, Zone } from '../api/cameras';
import { isSound } from './shapes';
import usual from './usual.json';

export type ShapeKind = 'zones' | 'permits' | 'masks';

export const SHAPE_KINDS: readonly ShapeKind[] = ['zones', 'permits', 'masks'];

export type Shape = Zone | Permit | Mask;

/** What the detector asks of each class when a zone says nothing else (a test compares them). */
export const USUAL: Readonly<Record<string, Persistence>> = usual;

export const UNKNOWN_OBJECT = 'unknown_object';

const PREFIX: Readonly<Record<ShapeKind, string>> = {
  zones: 'zone',
  permits: 'permit',
  masks: 'mask',
};

/** The first free id: zone-1, zone-2, ... */
export function freeId(kind: ShapeKind, taken: readonly string[]): string {
  let number = 1;
  while (taken.includes(`${PREFIX[kind]}-${number}`)) number += 1;
  return `${PREFIX[kind]}-${number}`;
}

export function newShape(kind: ShapeKind, polygon: Point[], rules: Rules): Shape {
  const id = freeId(
    kind,
    rules[kind].map((one) => one.id),
  );
  switch (kind) {
    case 'zones':
      return {
        id,
        polygon,
        labels: [],
        min_size: 0,
        min_confidence: {},
        persistence: {},
        mode: 'review',
        unknown_objects: false,
        name: '',
      };
    case 'permits':
      return {
        id,
        polygon,
        labels: ['stall'],
        weekly: [{ days: [0, 1, 2, 3, 4, 5, 6], spans: [{ start: '20:00:00', end: '02:00:00' }] }],
        dates: {},
        on_holidays: null,
        valid_from: null,
        valid_until: null,
        name: '',
      };
    case 'masks':
      return { id, polygon, labels: [] };
  }
}

/** What people call it: its name; without one its id, or that it is the `whole` view. */
export function shapeName(shape: Shape, whole: string): string {
  if ('name' in shape && shape.name !== '') return shape.name;
  return 'mode' in shape && isWholeView(shape.polygon) ? whole : shape.id;
}

/** A zone over the whole view is the usual one without zones; it is not drawn as an area. */
export function isWholeView(polygon: readonly Point[]): boolean {
  return (
    polygon.length === 4 && polygon.every(([x, y]) => (x === 0 || x === 1) && (y === 0 || y === 1))
  );
}

export type Fault = 'crossing' | 'id' | 'twice' | 'noDays' | 'validity';

export interface Wrong {
  kind: ShapeKind;
  index: number;
  fault: Fault;
}

/** As the service takes them: 1 to 64 characters; spaces around one would be mistaken for none. */
const ID = /^\S(?:.{0,62}\S)?$/u;

function faultsOf(kind: ShapeKind, shape: Shape, others: readonly string[]): Fault[] {
  const found: Fault[] = [];
  if (!isSound(shape.polygon)) found.push('crossing');
  if (!ID.test(shape.id)) found.push('id');
  if (others.includes(shape.id)) found.push('twice');
  if (kind === 'permits' && 'weekly' in shape) {
    if (shape.weekly.length === 0 && Object.keys(shape.dates).length === 0) found.push('noDays');
    const { valid_from: from, valid_until: until } = shape;
    if (from !== null && until !== null && until < from) found.push('validity');
  }
  return found;
}

/** Everything that stops the rules from being saved. */
export function wrongs(rules: Rules): Wrong[] {
  return SHAPE_KINDS.flatMap((kind) =>
    rules[kind].flatMap((shape, index) =>
      faultsOf(
        kind,
        shape,
        rules[kind].filter((_, place) => place < index).map((one) => one.id),
      ).map((fault) => ({ kind, index, fault })),
    ),
  );
}
