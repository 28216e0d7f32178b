/** What is known of the lead on the table: what, how sure, where, when, from whom. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { readIncident } from '../api/cameraCalls';
import type { Lead } from '../api/types';
import { bothNames, className, ISSUE_CLASSES, issueClass } from '../classes';
import { useSpeech } from '../i18n';
import { incidentPath } from '../incidents/IncidentList';
import { CopyButton } from '../ui/CopyButton';
import { useNow } from '../ui/now';
import { age, clock, coordinates, shortClock } from '../ui/time';
import classes from './facts.module.css';

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function LeadHeading({ lead, label }: { lead: Lead; label: string }) {
  const { t, language } = useSpeech();
  const [first, second] = bothNames(label, language);
  const percent = Math.round(lead.confidence * 100);
  return (
    <div className={classes.heading}>
      <span className={classes.band} style={{ background: issueClass(label).colour }} />
      <div>
        <h2 data-testid="lead-class">{first}</h2>
        <p>
          {second}
          {label === lead.model_label ? null : (
            <em>{t.review.changedFrom(className(lead.model_label, language))}</em>
          )}
        </p>
      </div>
      <div className={classes.confidence}>
        <strong className="numbers">{percent}%</strong>
        <span>{t.review.confidence}</span>
        <span
          className={classes.bar}
          role="img"
          aria-label={t.review.threshold(lead.rule.threshold.toFixed(2))}
          title={t.review.threshold(lead.rule.threshold.toFixed(2))}
        >
          <i style={{ width: `${percent}%`, background: issueClass(label).colour }} />
          <b style={{ left: `${lead.rule.threshold * 100}%` }} />
        </span>
      </div>
    </div>
  );
}

export function ClassChooser(props: {
  label: string;
  dimKeys: boolean;
  disabled: boolean;
  onChoose: (label: string) => void;
}) {
  const { t, language } = useSpeech();
  return (
    <div className={classes.chooser} role="radiogroup" aria-label={t.review.changeClass}>
      {ISSUE_CLASSES.map((one) => (
        <button
          key={one.label}
          type="button"
          role="radio"
          aria-checked={one.label === props.label}
          disabled={props.disabled}
          onClick={() => props.onChoose(one.label)}
          data-testid={`class-${one.label}`}
        >
          <span className={classes.swatch} style={{ background: one.colour }} />
          {language === 'zh' ? one.zh : one.en}
          <kbd className="key" data-dim={props.dimKeys}>
            {one.key}
          </kbd>
        </button>
      ))}
    </div>
  );
}

/** Since when the thing has been there, as the camera saw it. */
function IncidentTimes({ id }: { id: string }) {
  const { t } = useSpeech();
  const now = useNow(30_000);
  const found = useQuery({ queryKey: ['incident', id], queryFn: () => readIncident(id) });
  const incident = found.data;
  return (
    <Fact name={t.review.incident}>
      {incident === undefined ? (
        <span className="missing">{found.isError ? '—' : t.common.loading}</span>
      ) : (
        <Link to={incidentPath(id)} className="numbers">
          {incident.ended_at === null
            ? t.review.stillThere(shortClock(incident.first_seen, now))
            : t.review.seenFrom(
                shortClock(incident.first_seen, now),
                shortClock(incident.last_seen, now),
              )}
        </Link>
      )}
    </Fact>
  );
}

export function LeadFacts({ lead }: { lead: Lead }) {
  const { t, locale } = useSpeech();
  const now = useNow(30_000);
  const { photo, place } = lead;
  // An inspector's note is mostly the place in words.
  const where = place.text ?? photo.note;
  const channels: Readonly<Record<string, string>> = t.channels;
  const { camera, incident_id: incident } = lead;
  return (
    <dl className={classes.facts}>
      <Fact name={t.review.place}>
        {where ?? <span className="missing">{t.review.noPlace}</span>}
        {place.lat === null || place.lon === null ? null : (
          <span className={`${classes.small} numbers`}>
            {coordinates(place.lat, place.lon)}
            <CopyButton text={coordinates(place.lat, place.lon)} what={t.review.coordinates} />
          </span>
        )}
      </Fact>
      {camera === null ? null : (
        <Fact name={t.review.camera}>
          <Link to={`/cameras/${camera.id}`}>{camera.name}</Link>
        </Fact>
      )}
      {incident === null ? null : <IncidentTimes id={incident} />}
      <Fact name={t.review.captured}>
        {photo.captured_at === null ? (
          <span className="missing">{t.review.noCapture}</span>
        ) : (
          <time dateTime={photo.captured_at} className="numbers">
            {clock(photo.captured_at)}
            <span className={classes.beside}>
              {age(photo.captured_at, now, locale, t.time.now)}
            </span>
          </time>
        )}
      </Fact>
      {photo.note === null || photo.note === where ? null : (
        <Fact name={t.review.note}>{photo.note}</Fact>
      )}
      {lead.sightings > 1 ? (
        <Fact name={t.review.sightings}>{t.review.photos(lead.sightings)}</Fact>
      ) : null}
      <Fact name={t.review.channel}>
        {channels[photo.channel] ?? photo.channel}
        {photo.filename === null ? null : <span className={classes.beside}>{photo.filename}</span>}
      </Fact>
      <Fact name={t.review.model}>
        <span title={`sha256 ${lead.model.sha256}`}>
          {lead.model.name}
          <span className={`${classes.beside} mono`}>{lead.model.sha256.slice(0, 8)}</span>
        </span>
      </Fact>
    </dl>
  );
}
