/** A camera's masked view as large as its room allows, with drawings laid over it. */
import { type ReactNode, useEffect, useState } from 'react';
import type { Sighting } from '../api/cameras';
import type { Box } from '../api/types';
import { className, issueClass, isIssue } from '../classes';
import { useSpeech } from '../i18n';
import { fit, labelTop, placeBox, type Size } from '../review/picture';
import { CamIcon } from '../ui/icons';
import { useRoom } from '../ui/room';
import classes from './view.module.css';

/** Boxes of cameras are shares of the view. */
const UNIT: Size = { width: 1, height: 1 };
const WIDE: Size = { width: 16, height: 9 };
const TAG_HEIGHT = 20;

interface Props {
  src: string | null;
  alt: string;
  size: Size | null;
  /** Room around the picture in which handles at its edge can be held. */
  margin?: number;
  children?: (shown: Size) => ReactNode;
}

export function View({ src, alt, size, margin = 0, children }: Props) {
  const { t } = useSpeech();
  const [ref, room] = useRoom();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    setFailed(false);
  }, [src]);
  const shown = fit(size ?? WIDE, {
    width: room.width - 2 * margin,
    height: room.height - 2 * margin,
  });
  return (
    <div ref={ref} className={classes.room}>
      <div className={classes.frame} style={{ width: shown.width, height: shown.height }}>
        {src === null || failed ? (
          <p className={classes.none}>
            <CamIcon size={32} />
            {failed ? t.review.pictureFailed : t.camera.noView}
          </p>
        ) : (
          <img
            src={src}
            alt={alt}
            width={shown.width}
            height={shown.height}
            draggable={false}
            onError={() => setFailed(true)}
          />
        )}
        {shown.width > 0 ? children?.(shown) : null}
      </div>
    </div>
  );
}

export interface DrawnBox {
  key: string;
  label: string;
  box: Box;
  /** Beside the name of the class. */
  note?: string;
  /** faint: what was only seen; strong: an incident; gone: would not be reported. */
  tone: 'faint' | 'strong' | 'gone';
}

/** Sightings as boxes: issues with their name, their surroundings thin and grey. */
export function sightingBoxes(sightings: readonly Sighting[]): DrawnBox[] {
  return sightings.map((one, index) => ({
    key: `seen-${index}`,
    label: one.label,
    box: one.box,
    note: `${Math.round(one.confidence * 100)}%`,
    tone: isIssue(one.label) ? 'strong' : 'faint',
  }));
}

export function Boxes({ boxes, shown }: { boxes: readonly DrawnBox[]; shown: Size }) {
  const { language } = useSpeech();
  return (
    <>
      <svg
        className={classes.overlay}
        viewBox={`0 0 ${shown.width} ${shown.height}`}
        aria-hidden="true"
      >
        {boxes.map((one) => {
          const at = placeBox(one.box, UNIT, shown);
          const place = { x: at.left, y: at.top, width: at.width, height: at.height };
          return (
            <g key={one.key} data-tone={one.tone} data-testid="seen">
              {one.tone === 'faint' ? null : <rect {...place} className={classes.edge} />}
              <rect {...place} className={classes.box} stroke={issueClass(one.label).colour} />
            </g>
          );
        })}
      </svg>
      {boxes
        .filter((one) => one.tone !== 'faint')
        .map((one) => {
          const at = placeBox(one.box, UNIT, shown);
          const { colour, ink } = issueClass(one.label);
          return (
            <span
              key={one.key}
              className={classes.tag}
              data-tone={one.tone}
              style={{
                left: Math.max(0, Math.min(at.left, shown.width - 110)),
                top: labelTop(at, TAG_HEIGHT),
                background: colour,
                color: ink,
              }}
            >
              {className(one.label, language)}
              {one.note === undefined ? '' : ` ${one.note}`}
            </span>
          );
        })}
    </>
  );
}
