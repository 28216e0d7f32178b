/** One camera on the wall: its last look, how it is, and how much is open there. */
import { memo, useState } from 'react';
import { Link } from 'react-router';
import type { Camera } from '../api/cameras';
import { isIssue, issueClass } from '../classes';
import { useSpeech } from '../i18n';
import { CamIcon } from '../ui/icons';
import classes from './cameras.module.css';
import { CameraState } from './CameraState';
import { Since } from './Since';
import { condition } from './wall';

/** The boxes of issues; the picture and the drawing are fitted into the tile in the same way. */
function Seen({ camera }: { camera: Camera }) {
  const { status } = camera;
  if (status === null || status.width === null || status.height === null) return null;
  const { width, height } = status;
  const issues = status.sightings.filter((one) => isIssue(one.label));
  return (
    <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {issues.map(({ box, label }, index) => (
        <rect
          key={index}
          x={box[0] * width}
          y={box[1] * height}
          width={(box[2] - box[0]) * width}
          height={(box[3] - box[1]) * height}
          stroke={issueClass(label).colour}
        />
      ))}
    </svg>
  );
}

export const Tile = memo(function Tile({ camera }: { camera: Camera }) {
  const { t } = useSpeech();
  const { status } = camera;
  /** Boxes wait for the picture they belong to. */
  const [there, setThere] = useState(false);
  return (
    <Link
      to={`/cameras/${camera.id}`}
      className={classes.tile ?? ''}
      data-condition={condition(camera)}
      data-camera={camera.id}
    >
      <span className={classes.look}>
        {camera.view_url === null ? (
          <span className={classes.noLook}>
            <CamIcon size={28} />
            {t.camera.noView}
          </span>
        ) : (
          <img
            src={camera.view_url}
            alt=""
            loading="lazy"
            decoding="async"
            draggable={false}
            onLoad={() => setThere(true)}
          />
        )}
        {there ? <Seen camera={camera} /> : null}
        {camera.open_incidents > 0 ? (
          <b className={`${classes.open} numbers`}>
            {t.cameras.openIncidents(camera.open_incidents)}
          </b>
        ) : null}
        <span className={classes.since}>
          <Since at={status?.last_look_at ?? null} none={t.cameras.noLookYet} />
        </span>
      </span>
      <strong className={classes.name} title={camera.name}>
        {camera.name}
      </strong>
      <CameraState camera={camera} />
    </Link>
  );
});
