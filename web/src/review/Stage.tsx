/** A picture as large as its room allows, with the finding drawn over it; nothing moves when it loads. */
import { type ReactNode, useEffect, useState } from 'react';
import type { Box } from '../api/types';
import { issueClass } from '../classes';
import { useSpeech } from '../i18n';
import { Original } from '../ui/Original';
import { useRoom } from '../ui/room';
import { fit, labelTop, NO_ZOOM, placeBox, type Size, zoomTo } from './picture';
import classes from './stage.module.css';

interface Props {
  src: string | null;
  alt: string;
  /** Pixels of the upright original: what the boxes are measured in. */
  picture: Size;
  label: string;
  caption: string;
  box: Box;
  boxes: readonly Box[];
  showBoxes: boolean;
  zoomed: boolean;
  unmasked: boolean;
  /** Another picture than the one the boxes are measured in: shown whole, without them. */
  plain?: boolean;
  /** The picture is the frame of a stream. */
  film?: boolean;
  children?: ReactNode;
}

const LABEL_HEIGHT = 24;
const OUTSET = 2;

export function Stage(props: Props) {
  const {
    src,
    alt,
    picture,
    label,
    caption,
    box,
    boxes,
    unmasked,
    plain = false,
    film = false,
  } = props;
  const showBoxes = props.showBoxes && !plain;
  const zoomed = props.zoomed && !plain;
  const { t } = useSpeech();
  const [ref, room] = useRoom();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    setFailed(false);
  }, [src]);
  const shown = plain ? room : fit(picture, room);
  const placed = placeBox(box, picture, shown);
  // The line runs around the finding, not over it: small litter stays visible.
  const around = {
    x: placed.left - OUTSET,
    y: placed.top - OUTSET,
    width: placed.width + 2 * OUTSET,
    height: placed.height + 2 * OUTSET,
  };
  const zoom = zoomed ? zoomTo(placed, shown) : NO_ZOOM;
  const { colour, ink } = issueClass(label);
  const parts = boxes.length > 1 ? boxes : [];
  return (
    <div ref={ref} className={classes.room} data-unmasked={unmasked}>
      <div className={classes.frame} style={{ width: shown.width, height: shown.height }}>
        <div
          className={classes.moving}
          style={{ transform: `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})` }}
        >
          {src === null ? null : (
            <Original
              key={src}
              src={src}
              alt={alt}
              film={film}
              width={shown.width}
              height={shown.height}
              plain={plain}
              onError={() => setFailed(true)}
            />
          )}
          {showBoxes && shown.width > 0 ? (
            <svg
              className={classes.overlay}
              viewBox={`0 0 ${shown.width} ${shown.height}`}
              aria-hidden="true"
            >
              {parts.map((part) => {
                const at = placeBox(part, picture, shown);
                return (
                  <rect
                    key={part.join()}
                    x={at.left}
                    y={at.top}
                    width={at.width}
                    height={at.height}
                    stroke={colour}
                    className={classes.part}
                  />
                );
              })}
              <rect {...around} className={classes.edge} />
              <rect {...around} stroke={colour} className={classes.box} data-testid="box" />
            </svg>
          ) : null}
        </div>
        {showBoxes && !zoomed && shown.width > 0 ? (
          <span
            className={classes.tag}
            style={{
              left: Math.max(0, Math.min(placed.left - OUTSET, shown.width - 150)),
              top: labelTop(placed, LABEL_HEIGHT),
              background: colour,
              color: ink,
            }}
          >
            {caption}
          </span>
        ) : null}
        {failed ? (
          <p className={classes.failed} role="alert">
            {t.review.pictureFailed}
          </p>
        ) : null}
      </div>
      {unmasked ? <p className={classes.notice}>{t.review.originalNotice}</p> : null}
      {props.children}
    </div>
  );
}
