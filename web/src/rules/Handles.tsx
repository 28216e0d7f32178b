/** The corners of the selected polygon, over all others, and a point to pull out between each two. */
import type { PointerEvent } from 'react';
import type { Size } from '../review/picture';
import classes from './canvas.module.css';
import { middle, type Polygon } from './shapes';

interface Props {
  polygon: Polygon;
  shown: Size;
  selected: number | null;
  name: (corner: number) => string;
  pick: (corner: number) => void;
  onHold: (event: PointerEvent<SVGElement>, corner: number) => void;
  onInsert: (event: PointerEvent<SVGElement>, corner: number) => void;
}

export function Handles({ polygon, shown, selected, name, pick, onHold, onInsert }: Props) {
  return (
    <>
      {polygon.map((_, corner) => {
        const [x, y] = middle(polygon, corner);
        return (
          <circle
            key={`between-${corner}`}
            className={classes.between}
            cx={x * shown.width}
            cy={y * shown.height}
            r={5}
            onPointerDown={(event) => onInsert(event, corner)}
          />
        );
      })}
      {polygon.map(([x, y], corner) => (
        <g
          key={corner}
          className={classes.corner}
          data-held={selected === corner}
          data-corner={corner}
          tabIndex={0}
          role="button"
          aria-label={name(corner)}
          onFocus={() => pick(corner)}
          onPointerDown={(event) => onHold(event, corner)}
        >
          <circle className={classes.reach} cx={x * shown.width} cy={y * shown.height} r={16} />
          <circle cx={x * shown.width} cy={y * shown.height} r={6} />
        </g>
      ))}
    </>
  );
}
