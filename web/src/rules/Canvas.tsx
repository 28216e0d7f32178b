/** Polygons on the view that can be drawn and moved, by mouse, finger or keyboard. */
import { type Dispatch, type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react';
import type { Point } from '../api/cameras';
import { points, ShapeTag } from '../cameras/Shapes';
import { useSpeech } from '../i18n';
import type { Size } from '../review/picture';
import classes from './canvas.module.css';
import { SHAPE_KINDS, type ShapeKind, shapeName } from './drafts';
import type { Action, Drawing, Editor } from './editor';
import { Handles } from './Handles';
import { distance, isSound, type Polygon, topCorner } from './shapes';

const STEP = 0.002;
const BIG_STEP = 0.02;
/** A click this near the first corner closes the polygon; in pixels. */
const CLOSING = 12;
/** A second click this near the last corner is the second half of a double click. */
const SAME = 5;

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

interface Props {
  editor: Editor;
  dispatch: Dispatch<Action>;
  shown: Size;
}

const percent = (value: number) => (value * 100).toFixed(1);

function useWords(editor: Editor) {
  const { t } = useSpeech();
  return {
    shape: (kind: ShapeKind, index: number) => {
      const shape = editor.rules[kind][index];
      return shape === undefined
        ? ''
        : `${t.rules.kind[kind]} ${shapeName(shape, t.rules.wholeView)}`;
    },
    corner: (polygon: Polygon, index: number) => {
      const [x, y] = polygon[index] ?? [0, 0];
      return t.rules.corner(index + 1, polygon.length, percent(x), percent(y));
    },
  };
}

/** What is being drawn: its corners so far, and where the next one would go. */
function Draft({ drawing, shown }: { drawing: Drawing; shown: Size }) {
  const [x, y] = [drawing.aim[0] * shown.width, drawing.aim[1] * shown.height];
  const first = drawing.points[0];
  return (
    <g className={classes.draft} data-kind={drawing.kind}>
      <polyline points={points([...drawing.points, drawing.aim], shown)} />
      {drawing.points.map((point, index) => (
        <circle
          key={index}
          cx={point[0] * shown.width}
          cy={point[1] * shown.height}
          r={index === 0 && drawing.points.length > 2 ? 8 : 4}
          data-first={point === first}
        />
      ))}
      <path d={`M${x - 11} ${y}h22M${x} ${y - 11}v22`} className={classes.cross} />
    </g>
  );
}

export function Canvas({ editor, dispatch, shown }: Props) {
  const { t } = useSpeech();
  const words = useWords(editor);
  const ref = useRef<SVGSVGElement>(null);
  /** Where the pointer was last while it drags a corner or a polygon. */
  const dragging = useRef<{ pointer: number; last: Point; corner: boolean } | null>(null);
  const { selection, drawing, rules } = editor;
  const aspect = shown.height > 0 ? shown.width / shown.height : 1;
  const near = (a: Point, b: Point, pixels: number) =>
    distance(a, b, aspect) * shown.width <= pixels;

  const drawn = SHAPE_KINDS.flatMap((kind) =>
    rules[kind].map((shape, index) => ({
      kind,
      index,
      shape,
      held: selection?.kind === kind && selection.index === index,
    })),
  );
  const heldShape = selection === null ? undefined : rules[selection.kind][selection.index];

  useEffect(() => {
    // The corner that is held has the focus, so that arrows and Delete mean it.
    const active = document.activeElement;
    if (selection === null || ref.current === null || !ref.current.contains(active)) return;
    const wanted =
      selection.corner === null
        ? `[data-shape="${selection.kind}-${selection.index}"]`
        : `[data-corner="${selection.corner}"]`;
    ref.current.querySelector<SVGElement>(wanted)?.focus({ preventScroll: true });
  }, [selection]);

  useEffect(() => {
    if (drawing !== null) ref.current?.focus({ preventScroll: true });
  }, [drawing?.kind, drawing === null]);

  const at = (event: { clientX: number; clientY: number }): Point => {
    const frame = ref.current?.getBoundingClientRect();
    if (frame === undefined || frame.width === 0) return [0, 0];
    return [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height];
  };

  const hold = (event: PointerEvent<SVGElement>, corner: boolean) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    ref.current?.setPointerCapture(event.pointerId);
    dragging.current = { pointer: event.pointerId, last: at(event), corner };
  };

  const down = (event: PointerEvent<SVGSVGElement>) => {
    if (event.button !== 0) return;
    if (drawing === null) {
      dispatch({ kind: 'select', selection: null });
      return;
    }
    const point = at(event);
    const [first, last] = [drawing.points[0], drawing.points.at(-1)];
    if (first !== undefined && drawing.points.length > 2 && near(first, point, CLOSING)) {
      dispatch({ kind: 'finish' });
    } else if (last === undefined || !near(last, point, SAME)) {
      dispatch({ kind: 'addPoint', at: point });
    }
  };

  const move = (event: PointerEvent<SVGSVGElement>) => {
    if (drawing !== null) {
      dispatch({ kind: 'aim', at: at(event) });
      return;
    }
    const held = dragging.current;
    if (held === null || held.pointer !== event.pointerId) return;
    const point = at(event);
    if (held.corner) {
      dispatch({ kind: 'moveTo', at: point });
    } else {
      dispatch({ kind: 'moveBy', dx: point[0] - held.last[0], dy: point[1] - held.last[1] });
    }
    held.last = point;
  };

  const up = (event: PointerEvent<SVGSVGElement>) => {
    if (dragging.current?.pointer !== event.pointerId) return;
    dragging.current = null;
    dispatch({ kind: 'settle' });
  };

  const keyWhileDrawing = (event: KeyboardEvent, shape: Drawing): boolean => {
    switch (event.key) {
      case 'Enter':
      case ' ': {
        const last = shape.points.at(-1);
        const again = last !== undefined && near(last, shape.aim, 1);
        const first = shape.points[0];
        const closes = first !== undefined && near(first, shape.aim, CLOSING);
        const enough = shape.points.length > 2;
        dispatch(enough && (again || closes) ? { kind: 'finish' } : { kind: 'addPoint' });
        return true;
      }
      case 'Backspace':
      case 'Delete':
        dispatch({ kind: 'dropPoint' });
        return true;
      case 'Escape':
        dispatch({ kind: 'cancel' });
        return true;
      default:
        return false;
    }
  };

  const keyOnShape = (event: KeyboardEvent): boolean => {
    const corner = selection?.corner ?? null;
    switch (event.key) {
      case 'Enter':
      case ' ':
        if (selection === null) return false;
        if (corner === null) {
          dispatch({ kind: 'select', selection: { ...selection, corner: 0 } });
        } else {
          dispatch({ kind: 'insert' });
          dispatch({ kind: 'settle' });
        }
        return true;
      case 'n':
        if (selection === null) dispatch({ kind: 'draw', shape: 'zones' });
        else if (corner !== null) {
          dispatch({ kind: 'insert' });
          dispatch({ kind: 'settle' });
        }
        return true;
      case 'Delete':
      case 'Backspace':
        if (selection === null) return false;
        dispatch({ kind: corner === null ? 'deleteShape' : 'deleteCorner' });
        if (corner === null) ref.current?.focus({ preventScroll: true });
        return true;
      case 'Escape':
        if (selection === null) return false;
        dispatch({
          kind: 'select',
          selection: corner === null ? null : { ...selection, corner: null },
        });
        if (corner === null) ref.current?.focus({ preventScroll: true });
        return true;
      default:
        return false;
    }
  };

  /** Tab goes from a polygon through its corners and on to the next polygon. */
  const tab = (back: boolean): boolean => {
    if (selection === null || drawing !== null || heldShape === undefined) return false;
    const { kind, index, corner } = selection;
    if (back) {
      if (corner !== 0) return false;
      dispatch({ kind: 'select', selection: { kind, index, corner: null } });
      return true;
    }
    if (corner === null) {
      dispatch({ kind: 'select', selection: { kind, index, corner: 0 } });
      return true;
    }
    if (corner < heldShape.polygon.length - 1) return false;
    const next = drawn[drawn.findIndex((one) => one.held) + 1];
    if (next === undefined) return false;
    dispatch({
      kind: 'select',
      selection: { kind: next.kind, index: next.index, corner: null },
    });
    return true;
  };

  const key = (event: KeyboardEvent<SVGSVGElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    const step = event.shiftKey ? BIG_STEP : STEP;
    let used = false;
    if (event.key === 'Tab') {
      used = event.target !== ref.current && tab(event.shiftKey);
    } else if (arrow !== undefined) {
      const [dx, dy] = [arrow[0] * step, arrow[1] * step * aspect];
      used = drawing !== null || selection !== null;
      dispatch({ kind: drawing === null ? 'moveBy' : 'aimBy', dx, dy });
    } else {
      used = drawing === null ? keyOnShape(event) : keyWhileDrawing(event, drawing);
    }
    if (!used) return;
    event.preventDefault();
    event.stopPropagation();
  };

  const pick = (kind: ShapeKind, index: number, corner: number | null) => {
    const same =
      selection?.kind === kind && selection.index === index && selection.corner === corner;
    if (!same) dispatch({ kind: 'select', selection: { kind, index, corner } });
  };

  const minSize =
    selection?.kind === 'zones'
      ? Math.sqrt((rules.zones[selection.index]?.min_size ?? 0) * shown.width * shown.height)
      : 0;
  return (
    <>
      <svg
        ref={ref}
        className={classes.canvas}
        viewBox={`0 0 ${shown.width} ${shown.height}`}
        data-drawing={drawing !== null}
        data-testid="canvas"
        role="group"
        aria-label={t.rules.canvas}
        tabIndex={0}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={up}
        onDoubleClick={() => drawing !== null && dispatch({ kind: 'finish' })}
        onKeyDown={key}
        onKeyUp={(event) => event.key in ARROWS && dispatch({ kind: 'settle' })}
      >
        <rect className={classes.ground} width={shown.width} height={shown.height} />
        {drawn.map(({ kind, index, shape, held }) => (
          <g key={`${kind}-${index}`} data-passive={drawing !== null}>
            <polygon
              className={classes.shape}
              data-kind={kind}
              data-held={held}
              data-sound={isSound(shape.polygon)}
              data-shape={`${kind}-${index}`}
              points={points(shape.polygon, shown)}
              tabIndex={drawing === null ? 0 : -1}
              role="button"
              aria-label={words.shape(kind, index)}
              aria-pressed={held}
              onFocus={() => drawing === null && !dragging.current && pick(kind, index, null)}
              onPointerDown={(event) => {
                if (drawing !== null) return;
                pick(kind, index, null);
                hold(event, false);
              }}
            />
          </g>
        ))}
        {selection === null || heldShape === undefined || drawing !== null ? null : (
          <Handles
            polygon={heldShape.polygon}
            shown={shown}
            selected={selection.corner}
            name={(corner) => words.corner(heldShape.polygon, corner)}
            pick={(corner) => pick(selection.kind, selection.index, corner)}
            onHold={(event, corner) => {
              pick(selection.kind, selection.index, corner);
              hold(event, true);
            }}
            onInsert={(event, corner) => {
              pick(selection.kind, selection.index, corner);
              hold(event, true);
              dispatch({ kind: 'insert', at: at(event) });
            }}
          />
        )}
        {minSize > 0 && heldShape !== undefined ? (
          <rect
            className={classes.least}
            x={shown.width / 2 - minSize / 2}
            y={shown.height / 2 - minSize / 2}
            width={minSize}
            height={minSize}
          />
        ) : null}
        {drawing === null ? null : <Draft drawing={drawing} shown={shown} />}
      </svg>
      {/* On a small picture names would hide what they name. */}
      {(shown.width < 460 ? drawn.filter((one) => one.held) : drawn).map((one) => (
        <ShapeTag
          key={`${one.kind}-${one.index}`}
          kind={one.kind}
          name={shapeName(one.shape, t.rules.wholeView)}
          at={topCorner(one.shape.polygon)}
          shown={shown}
          lifted={one.held}
        />
      ))}
      <p className="hidden" aria-live="polite">
        {selection === null || heldShape === undefined
          ? ''
          : selection.corner === null
            ? words.shape(selection.kind, selection.index)
            : words.corner(heldShape.polygon, selection.corner)}
      </p>
    </>
  );
}
