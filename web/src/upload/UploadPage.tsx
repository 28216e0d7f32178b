/** Where inspectors hand in photos: drop, choose or take them; place and note if the photo lacks them. */
import { Button, TextInput } from '@mantine/core';
import { type ChangeEvent, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useSpeech } from '../i18n';
import { CameraIcon, PinIcon, UploadIcon } from '../ui/icons';
import { useTell } from '../ui/notices';
import { coordinates } from '../ui/time';
import { degrees } from './degrees';
import classes from './upload.module.css';
import { UploadRow } from './UploadRow';
import { useUploads } from './UploadsProvider';

const TYPES = 'image/jpeg,image/png,image/webp,image/tiff,image/heic,image/heif,.heic,.heif';

function DetailsFields({ onFault }: { onFault: (fault: boolean) => void }) {
  const { t } = useSpeech();
  const tell = useTell();
  const { details, setDetails } = useUploads();
  const [lat, setLat] = useState(details.lat === null ? '' : String(details.lat));
  const [lon, setLon] = useState(details.lon === null ? '' : String(details.lon));
  const latValue = degrees(lat, 90);
  const lonValue = degrees(lon, 180);
  const together = (lat.trim() === '') === (lon.trim() === '');
  const keep = (nextLat: string, nextLon: string) => {
    setLat(nextLat);
    setLon(nextLon);
    const [a, b] = [degrees(nextLat, 90), degrees(nextLon, 180)];
    const whole = typeof a === 'number' && typeof b === 'number';
    setDetails({ ...details, lat: whole ? a : null, lon: whole ? b : null });
    onFault(!whole && (nextLat.trim() !== '' || nextLon.trim() !== ''));
  };
  const locate = () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => keep(coords.latitude.toFixed(6), coords.longitude.toFixed(6)),
      () => tell('bad', t.upload.noPosition),
      { enableHighAccuracy: true, timeout: 15_000 },
    );
  };
  return (
    <fieldset className={classes.details}>
      <legend>{t.upload.place}</legend>
      <TextInput
        className={classes.note ?? ''}
        label={t.upload.note}
        placeholder={t.upload.notePlaceholder}
        maxLength={300}
        value={details.note}
        onChange={(event) => setDetails({ ...details, note: event.currentTarget.value })}
      />
      <TextInput
        label={t.upload.lat}
        inputMode="decimal"
        placeholder="29.58620"
        error={latValue === 'bad' ? t.upload.badLat : null}
        value={lat}
        onChange={(event) => keep(event.currentTarget.value, lon)}
      />
      <TextInput
        label={t.upload.lon}
        inputMode="decimal"
        placeholder="120.81930"
        error={lonValue === 'bad' ? t.upload.badLon : together ? null : t.upload.together}
        value={lon}
        onChange={(event) => keep(lat, event.currentTarget.value)}
      />
      <Button variant="default" leftSection={<PinIcon size={16} />} onClick={locate}>
        {t.upload.myPosition}
      </Button>
    </fieldset>
  );
}

export function UploadPage() {
  const { t } = useSpeech();
  const { uploads, add, clear, details } = useUploads();
  const navigate = useNavigate();
  const chooser = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const [fault, setFault] = useState(false);
  const take = (event: ChangeEvent<HTMLInputElement>) => {
    add([...(event.currentTarget.files ?? [])]);
    event.currentTarget.value = '';
  };
  const leads = uploads.reduce((sum, one) => sum + (one.photo?.leads.length ?? 0), 0);
  const done = uploads.filter((one) => one.state === 'done' || one.state === 'failed').length;
  return (
    <div className={classes.page}>
      <h1 className={classes.title}>{t.upload.title}</h1>
      <section className={classes.drop}>
        <UploadIcon size={36} />
        <h2>{t.upload.dropAnywhere}</h2>
        <p>{t.upload.formats}</p>
        <div className={classes.buttons}>
          <Button
            size="md"
            leftSection={<UploadIcon />}
            disabled={fault}
            onClick={() => chooser.current?.click()}
          >
            {t.upload.choose}
          </Button>
          <Button
            size="md"
            variant="default"
            className={classes.camera ?? ''}
            leftSection={<CameraIcon />}
            disabled={fault}
            onClick={() => camera.current?.click()}
          >
            {t.upload.camera}
          </Button>
        </div>
        <input
          ref={chooser}
          type="file"
          multiple
          accept={TYPES}
          hidden
          data-testid="photos"
          onChange={take}
        />
        <input
          ref={camera}
          type="file"
          accept="image/*"
          capture="environment"
          hidden
          onChange={take}
        />
        {details.lat !== null && details.lon !== null ? (
          <p className="numbers">
            <PinIcon size={14} /> {coordinates(details.lat, details.lon)}
          </p>
        ) : null}
      </section>
      <DetailsFields onFault={setFault} />
      <section className={classes.listed} aria-labelledby="uploads-title">
        <header>
          <h2 id="uploads-title">{t.upload.list}</h2>
          <span className="numbers" role="status">
            {uploads.length === 0 ? '' : t.upload.done(done, uploads.length)}
            {leads > 0 ? ` · ${t.upload.leads(leads)}` : ''}
          </span>
          {leads > 0 ? (
            <Button size="compact-sm" onClick={() => void navigate('/review')}>
              {t.upload.review}
            </Button>
          ) : null}
          {done > 0 ? (
            <Button size="compact-sm" variant="default" onClick={clear}>
              {t.upload.clear}
            </Button>
          ) : null}
        </header>
        {uploads.length === 0 ? <p className={classes.none}>{t.upload.none}</p> : null}
        <ul>
          {[...uploads].reverse().map((upload) => (
            <UploadRow key={upload.id} upload={upload} />
          ))}
        </ul>
      </section>
    </div>
  );
}
