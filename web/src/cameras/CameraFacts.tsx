/** What was entered of a camera: address without its secrets, place, plan, neighbours, legal notes. */
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { CameraDetail } from '../api/cameras';
import { useSpeech } from '../i18n';
import { nameWeekly } from '../rules/hours';
import { CopyButton } from '../ui/CopyButton';
import { coordinates } from '../ui/time';
import classes from './camera.module.css';
import { useCameras } from './CamerasPage';

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function CameraFacts({ camera }: { camera: CameraDetail }) {
  const { t } = useSpeech();
  const cameras = useCameras();
  const { place, legal, plan, neighbours, status } = camera;
  const hours = nameWeekly(plan, t.hours.texts);
  const yesNo = (value: boolean | null | undefined) =>
    value === true ? t.common.yes : t.common.no;
  return (
    <dl className={classes.facts}>
      <Fact name={t.cameraForm.url}>
        <span className="mono">{camera.url_shown}</span>
        <small>
          {t.cameraForm.transport} {camera.transport.toUpperCase()}
        </small>
      </Fact>
      <Fact name={t.camera.picture}>
        {status === null || status.width === null ? (
          '—'
        ) : (
          <span className="numbers">
            {status.width} × {status.height}
          </span>
        )}
      </Fact>
      <Fact name={t.cameraForm.place}>
        {place.text ?? t.review.noPlace}
        {place.lat === null || place.lon === null ? null : (
          <small className="numbers">
            {coordinates(place.lat, place.lon)}
            <CopyButton text={coordinates(place.lat, place.lon)} what={t.review.coordinates} />
          </small>
        )}
      </Fact>
      {camera.preset_of === null ? null : (
        <Fact name={t.cameraForm.presetOf}>{camera.preset_of}</Fact>
      )}
      <Fact name={t.cameraForm.plan}>
        {hours.length === 0 ? t.hours.always : hours.map((line) => <div key={line}>{line}</div>)}
      </Fact>
      <Fact name={t.cameraForm.neighbours}>
        {neighbours.length === 0 ? '—' : null}
        {neighbours.map((id) => (
          <Link key={id} to={`/cameras/${id}`} className={classes.neighbour ?? ''}>
            {cameras.data?.find((one) => one.id === id)?.name ?? t.live.camera(id)}
          </Link>
        ))}
      </Fact>
      <Fact name={t.cameraForm.legalReview}>{legal.legal_review_no ?? '—'}</Fact>
      <Fact name={t.cameraForm.techReview}>{legal.tech_review_no ?? '—'}</Fact>
      <Fact name={t.cameraForm.sign}>{yesNo(legal.sign_installed)}</Fact>
      <Fact name={t.cameraForm.published}>{yesNo(legal.location_published)}</Fact>
    </dl>
  );
}
