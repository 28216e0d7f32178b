/** The rule editor's state: draft, selection, the polygon being drawn, undo and redo; all pure. */
import type { Permit, Point, Rules, Zone } from '../api/cameras';
import { newShape, type Shape, type ShapeKind } from './drafts';
import { deleteCorner, inView, insertCorner, moveCorner, movePolygon } from './shapes';

export interface Selection {
  kind: ShapeKind;
  index: number;
  /** The corner that is held; null for the whole polygon. */
  corner: number | null;
}

export interface Drawing {
  kind: ShapeKind;
  points: Point[];
  /** Where the next corner would go: under the pointer, or where the arrow keys led. */
  aim: Point;
}

export interface Editor {
  rules: Rules;
  /** The rules as the service holds them; the draft is unsaved while it is another object. */
  saved: Rules;
  past: readonly Rules[];
  future: readonly Rules[];
  selection: Selection | null;
  drawing: Drawing | null;
  /** Steps with the same name in a row are one step for undo; null begins a new one. */
  merging: string | null;
}

export type Action =
  | { kind: 'loaded'; rules: Rules }
  /** The service holds `rules` now; what was changed since they were sent stays unsaved. */
  | { kind: 'kept'; rules: Rules }
  | { kind: 'select'; selection: Selection | null }
  | { kind: 'draw'; shape: ShapeKind }
  | { kind: 'aim'; at: Point }
  | { kind: 'aimBy'; dx: number; dy: number }
  | { kind: 'addPoint'; at?: Point }
  | { kind: 'dropPoint' }
  | { kind: 'finish' }
  | { kind: 'cancel' }
  | { kind: 'moveTo'; at: Point }
  | { kind: 'moveBy'; dx: number; dy: number }
  | { kind: 'insert'; at?: Point }
  | { kind: 'deleteCorner' }
  | { kind: 'deleteShape' }
  | { kind: 'change'; change: Partial<Zone> & Partial<Permit>; merge?: string }
  | { kind: 'changeRules'; change: Partial<Pick<Rules, 'holidays' | 'timezone'>> }
  | { kind: 'settle' }
  | { kind: 'undo' }
  | { kind: 'redo' };

export const UNDO_STEPS = 100;

export function begin(rules: Rules): Editor {
  return {
    rules,
    saved: rules,
    past: [],
    future: [],
    selection: null,
    drawing: null,
    merging: null,
  };
}

export function isDirty(editor: Editor): boolean {
  return editor.rules !== editor.saved;
}

export function selectedShape(editor: Editor): Shape | null {
  const { selection, rules } = editor;
  return selection === null ? null : (rules[selection.kind][selection.index] ?? null);
}

/** One step further; a step that goes on with the last one is undone together with it. */
function step(editor: Editor, rules: Rules, merge: string | null = null): Editor {
  const goesOn = merge !== null && merge === editor.merging;
  return {
    ...editor,
    rules,
    past: goesOn ? editor.past : [...editor.past, editor.rules].slice(-UNDO_STEPS),
    future: [],
    merging: merge,
  };
}

function withShape(rules: Rules, at: Selection, change: Partial<Shape>): Rules {
  return {
    ...rules,
    [at.kind]: rules[at.kind].map((one, index) =>
      index === at.index ? { ...one, ...change } : one,
    ),
  };
}

function reshape(
  editor: Editor,
  polygon: (old: readonly Point[], corner: number | null) => Point[] | null,
  merge: string | null = null,
): Editor {
  const shape = selectedShape(editor);
  if (shape === null || editor.selection === null) return editor;
  const points = polygon(shape.polygon, editor.selection.corner);
  if (points === null) return editor;
  return step(editor, withShape(editor.rules, editor.selection, { polygon: points }), merge);
}

/** The selection, kept only while what it points at is there. */
function valid(editor: Editor): Editor {
  const { selection } = editor;
  if (selection === null) return editor;
  const shape = selectedShape(editor);
  if (shape === null) return { ...editor, selection: null };
  if (selection.corner !== null && selection.corner >= shape.polygon.length) {
    return { ...editor, selection: { ...selection, corner: shape.polygon.length - 1 } };
  }
  return editor;
}

function draw(editor: Editor, action: Action): Editor {
  const { drawing } = editor;
  if (drawing === null) return editor;
  switch (action.kind) {
    case 'aim':
      return { ...editor, drawing: { ...drawing, aim: inView(action.at) } };
    case 'aimBy': {
      const aim = inView([drawing.aim[0] + action.dx, drawing.aim[1] + action.dy]);
      return { ...editor, drawing: { ...drawing, aim } };
    }
    case 'addPoint': {
      const point = inView(action.at ?? drawing.aim);
      const last = drawing.points.at(-1);
      if (last !== undefined && last[0] === point[0] && last[1] === point[1]) return editor;
      const points = [...drawing.points, point];
      return { ...editor, drawing: { ...drawing, points, aim: point } };
    }
    case 'dropPoint':
      return { ...editor, drawing: { ...drawing, points: drawing.points.slice(0, -1) } };
    case 'finish': {
      if (drawing.points.length < 3) return editor;
      const { kind, points } = drawing;
      const index = editor.rules[kind].length;
      const shape = newShape(kind, points, editor.rules);
      const rules = { ...editor.rules, [kind]: [...editor.rules[kind], shape] };
      return {
        ...step(editor, rules),
        drawing: null,
        selection: { kind, index, corner: null },
      };
    }
    case 'cancel':
      return { ...editor, drawing: null };
    default:
      return editor;
  }
}

function travel(editor: Editor, direction: 'undo' | 'redo'): Editor {
  const from = direction === 'undo' ? editor.past : editor.future;
  const rules = direction === 'undo' ? from.at(-1) : from[0];
  if (rules === undefined) return editor;
  return valid({
    ...editor,
    rules,
    past: direction === 'undo' ? editor.past.slice(0, -1) : [...editor.past, editor.rules],
    future: direction === 'undo' ? [editor.rules, ...editor.future] : editor.future.slice(1),
    drawing: null,
    merging: null,
  });
}

/** What `action` makes of the editor. An action that does not apply leaves it as it was. */
export function reduce(editor: Editor, action: Action): Editor {
  switch (action.kind) {
    case 'loaded':
      return begin(action.rules);
    case 'kept':
      return { ...editor, saved: action.rules, merging: null };
    case 'select':
      return { ...editor, selection: action.selection, drawing: null, merging: null };
    case 'draw':
      return {
        ...editor,
        drawing: { kind: action.shape, points: [], aim: [0.5, 0.5] },
        selection: null,
        merging: null,
      };
    case 'moveTo':
      return reshape(
        editor,
        (old, corner) => (corner === null ? null : moveCorner(old, corner, action.at)),
        'drag',
      );
    case 'moveBy':
      return reshape(
        editor,
        (old, corner) => {
          const point = corner === null ? undefined : old[corner];
          if (corner === null || point === undefined) {
            return movePolygon(old, action.dx, action.dy);
          }
          return moveCorner(old, corner, [point[0] + action.dx, point[1] + action.dy]);
        },
        'move',
      );
    case 'insert': {
      const corner = editor.selection?.corner ?? null;
      if (editor.selection === null || corner === null) return editor;
      const next = reshape(editor, (old) => insertCorner(old, corner, action.at), 'drag');
      return { ...next, selection: { ...editor.selection, corner: corner + 1 } };
    }
    case 'deleteCorner': {
      const corner = editor.selection?.corner ?? null;
      if (corner === null) return editor;
      return valid(reshape(editor, (old) => deleteCorner(old, corner)));
    }
    case 'deleteShape': {
      const { selection } = editor;
      if (selection === null) return editor;
      const rules = {
        ...editor.rules,
        [selection.kind]: editor.rules[selection.kind].filter(
          (_, index) => index !== selection.index,
        ),
      };
      return { ...step(editor, rules), selection: null };
    }
    case 'change':
      if (editor.selection === null) return editor;
      return step(
        editor,
        withShape(editor.rules, editor.selection, action.change),
        action.merge ?? null,
      );
    case 'changeRules':
      return step(editor, { ...editor.rules, ...action.change });
    case 'settle':
      return editor.merging === null ? editor : { ...editor, merging: null };
    case 'undo':
    case 'redo':
      return travel(editor, action.kind);
    default:
      return draw(editor, action);
  }
}
