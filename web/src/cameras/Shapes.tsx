/** The rules of a camera drawn on its view, to look at. */
import type { Rules } from '../api/cameras';
import { useSpeech } from '../i18n';
import { isWholeView, SHAPE_KINDS, shapeName } from '../rules/drafts';
import { type Polygon, topCorner } from '../rules/shapes';
import type { Size } from '../review/picture';
import classes from './view.module.css';

export function points(polygon: Polygon, shown: Size): string {
  return polygon.map(([x, y]) => `${x * shown.width},${y * shown.height}`).join(' ');
}

export function Shapes({ rules, shown }: { rules: Rules; shown: Size }) {
  const { t } = useSpeech();
  const drawn = SHAPE_KINDS.flatMap((kind) =>
    rules[kind]
      .filter((shape) => !isWholeView(shape.polygon))
      .map((shape) => ({ kind, shape, top: topCorner(shape.polygon) })),
  );
  return (
    <>
      <svg
        className={classes.overlay}
        viewBox={`0 0 ${shown.width} ${shown.height}`}
        aria-hidden="true"
      >
        {drawn.map(({ kind, shape }) => (
          <polygon
            key={`${kind}-${shape.id}`}
            className={classes.shape}
            data-kind={kind}
            points={points(shape.polygon, shown)}
          />
        ))}
      </svg>
      {/* On a small picture names would hide what they name. */}
      {(shown.width < 460 ? [] : drawn).map(({ kind, shape, top }) => (
        <ShapeTag
          key={`${kind}-${shape.id}`}
          kind={kind}
          name={shapeName(shape, t.rules.wholeView)}
          at={top}
          shown={shown}
        />
      ))}
    </>
  );
}

/** The name of a polygon at its topmost corner, kept inside the view. */
export function ShapeTag(props: {
  kind: string;
  name: string;
  at: readonly [number, number];
  shown: Size;
  /** Above the polygon, out of the way of its corners. */
  lifted?: boolean;
}) {
  const { shown, at, lifted = false } = props;
  return (
    <span
      className={classes.shapeName}
      data-kind={props.kind}
      style={{
        left: Math.max(2, Math.min(at[0] * shown.width + (lifted ? 14 : 4), shown.width - 120)),
        top: Math.max(2, Math.min(at[1] * shown.height + (lifted ? -30 : 4), shown.height - 20)),
      }}
    >
      {props.name}
    </span>
  );
}
