/** What happens now: looks, incidents, states and notices as they come, the newest on top. */
import { useState } from 'react';
import { Link } from 'react-router';
import type { Both, Camera, Sighting } from '../api/cameras';
import type { LiveEvent } from '../api/live';
import { CLASS_ORDER, className, issueClass } from '../classes';
import { useSpeech } from '../i18n';
import { exactClock } from '../ui/time';
import { countLabels } from './fold';
import classes from './feed.module.css';
import { useLiveFeed } from './LiveProvider';

const SHOWN = 100;

function isBoth(value: unknown): value is Both {
  return typeof value === 'object' && value !== null && 'zh' in value && 'en' in value;
}

function Look({ line }: { line: LiveEvent }) {
  const { t, language } = useSpeech();
  const { sightings, inspected } = line.payload;
  const seen = Array.isArray(sightings) ? countLabels(sightings as Sighting[], CLASS_ORDER) : [];
  const told =
    seen.length === 0
      ? t.live.nothing
      : seen.map(([label, many]) => `${className(label, language)} ${many}`).join(', ');
  return (
    <span className={classes.what}>
      {inspected === false ? t.live.unchanged : t.live.looked}
      <small>{told}</small>
    </span>
  );
}

function Happening({ line }: { line: LiveEvent }) {
  const { t, language } = useSpeech();
  const { payload } = line;
  switch (line.kind) {
    case 'look':
      return <Look line={line} />;
    case 'incident': {
      const label = typeof payload.label === 'string' ? payload.label : '';
      const ended = payload.stage === 'ended';
      const text = `${className(label, language)} · ${ended ? t.live.ended : t.live.opened}`;
      return (
        <span className={classes.what} data-strong={!ended}>
          <i style={{ background: issueClass(label).colour }} />
          {typeof payload.id === 'string' ? (
            <Link to={`/cameras/incidents/${encodeURIComponent(payload.id)}`}>{text}</Link>
          ) : (
            text
          )}
        </span>
      );
    }
    case 'notice': {
      const what = String(payload.what ?? '');
      const name = isBoth(payload.text) ? payload.text[language] : (t.notices.what[what] ?? what);
      const over = payload.began === false;
      return (
        <span className={classes.what} data-strong={!over}>
          {name} · {over ? t.live.over : t.live.began}
        </span>
      );
    }
    case 'state':
      return (
        <span className={classes.what}>
          {isBoth(payload.text) ? payload.text[language] : String(payload.state ?? '')}
        </span>
      );
    case 'camera': {
      const changes: Readonly<Record<string, string>> = t.live.changes;
      return (
        <span className={classes.what}>
          {changes[String(payload.what ?? '')] ?? t.live.changes.changed}
        </span>
      );
    }
  }
}

/** `only`: one camera's events; its name is then left out. */
export function LiveFeed({ cameras, only }: { cameras: readonly Camera[]; only?: number }) {
  const { t } = useSpeech();
  const feed = useLiveFeed();
  const [looks, setLooks] = useState(true);
  /** The list as it was when it was stopped, to be read in peace. */
  const [stopped, setStopped] = useState<readonly LiveEvent[] | null>(null);
  /** And as it was when the mouse came over it: what one points at does not move away. */
  const [pointed, setPointed] = useState<readonly LiveEvent[] | null>(null);
  const names = new Map(cameras.map((camera) => [camera.id, camera.name]));
  const lines = (stopped ?? pointed ?? feed)
    .filter(
      (line) => (looks || line.kind !== 'look') && (only ?? line.camera_id) === line.camera_id,
    )
    .slice(0, SHOWN);
  return (
    <section className={classes.feed} aria-label={t.live.title} data-testid="live">
      <header>
        <h2>{t.live.title}</h2>
        <button type="button" aria-pressed={looks} onClick={() => setLooks(!looks)}>
          {t.live.looks}
        </button>
        <button
          type="button"
          aria-pressed={stopped !== null}
          onClick={() => setStopped(stopped === null ? feed : null)}
        >
          {stopped === null ? t.live.hold : t.live.goOn}
        </button>
      </header>
      {lines.length === 0 ? <p className={classes.none}>{t.live.none}</p> : null}
      <ol
        aria-live="off"
        data-held={stopped !== null || pointed !== null}
        onPointerEnter={(event) => event.pointerType === 'mouse' && setPointed(feed)}
        onPointerLeave={() => setPointed(null)}
      >
        {lines.map((line) => (
          <li key={line.id} data-kind={line.kind}>
            <time className="numbers" dateTime={line.at}>
              {exactClock(line.at)}
            </time>
            {only === undefined ? (
              <Link className={classes.camera ?? ''} to={`/cameras/${line.camera_id}`}>
                {names.get(line.camera_id) ?? t.live.camera(line.camera_id)}
              </Link>
            ) : null}
            <Happening line={line} />
          </li>
        ))}
      </ol>
    </section>
  );
}
