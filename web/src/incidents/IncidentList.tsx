/** Incidents one below the other, the newest first, each with the way to its evidence. */
import { Loader } from '@mantine/core';
import { Link } from 'react-router';
import type { Incident } from '../api/cameras';
import { useSpeech } from '../i18n';
import { ClassMark } from '../ui/ClassMark';
import { TruckIcon } from '../ui/icons';
import { useNow } from '../ui/now';
import { clock, shortClock, span } from '../ui/time';
import classes from './incidents.module.css';

export function incidentPath(id: string): string {
  return `/cameras/incidents/${encodeURIComponent(id)}`;
}

/** How long it has been there, or was. */
export function Lasting({ item }: { item: Pick<Incident, 'first_seen' | 'ended_at'> }) {
  const { t } = useSpeech();
  const now = useNow(30_000);
  const end = item.ended_at === null ? now : Date.parse(item.ended_at);
  return <span className="numbers">{span(end - Date.parse(item.first_seen), t.time)}</span>;
}

export function StageBadge({ stage }: { stage: Incident['stage'] }) {
  const { t } = useSpeech();
  return (
    <span className={classes.stageBadge} data-stage={stage}>
      {t.incidents.stages[stage]}
    </span>
  );
}

interface Props {
  items: readonly Incident[];
  asking: boolean;
  /** Name the camera of each. */
  named?: boolean;
  /** What people call the zone of that id. */
  zoneName?: (id: string) => string;
}

export function IncidentList({ items, asking, named = false, zoneName }: Props) {
  const { t } = useSpeech();
  const now = useNow(60_000);
  if (asking) {
    return (
      <div className={classes.waiting}>
        <Loader size="sm" aria-label={t.common.loading} />
      </div>
    );
  }
  if (items.length === 0) return <p className={classes.none}>{t.incidents.none}</p>;
  return (
    <ol className={classes.list}>
      {items.map((item) => (
        <li key={item.id} data-stage={item.stage}>
          <Link to={incidentPath(item.id)}>
            <strong>
              <ClassMark label={item.label} />
            </strong>
            <StageBadge stage={item.stage} />
            <span className={classes.where}>
              {named ? item.camera.name : (zoneName?.(item.zone) ?? item.zone)}
              {item.suspects > 0 ? (
                <em title={t.incidents.suspectCount(item.suspects)}>
                  <TruckIcon size={15} />
                  <span className="numbers">{item.suspects}</span>
                </em>
              ) : null}
            </span>
            <time className="numbers" dateTime={item.opened_at} title={clock(item.opened_at)}>
              {shortClock(item.opened_at, now)}
            </time>
            <span className={classes.lasting}>
              {t.incidents.lasts} <Lasting item={item} />
            </span>
          </Link>
        </li>
      ))}
    </ol>
  );
}
