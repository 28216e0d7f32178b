/** One incident: what, where and how long, its pictures, its lead or case, and suspects of a spill. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link, useParams } from 'react-router';
import { useRight } from '../account/session';
import { readIncident } from '../api/cameraCalls';
import type { IncidentDetail } from '../api/cameras';
import { readLead } from '../api/calls';
import { evidenceUrl, Problem } from '../api/http';
import type { EvidenceKind, Lead } from '../api/types';
import { className, issueClass } from '../classes';
import { useCamera } from '../cameras/CameraPage';
import { useLiveFeed } from '../cameras/LiveProvider';
import { zoneName } from '../cameras/zones';
import { useSpeech } from '../i18n';
import { ClassMark } from '../ui/ClassMark';
import { Empty } from '../ui/Empty';
import { BackIcon, WarnIcon } from '../ui/icons';
import { clock, span } from '../ui/time';
import { Waiting } from '../ui/Waiting';
import { explain } from '../ui/words';
import { Lasting, StageBadge } from './IncidentList';
import classes from './incidents.module.css';
import { Suspects } from './Suspects';

const KINDS: readonly EvidenceKind[] = ['annotated', 'closeup', 'before', 'strip', 'masked'];

function Pictures({ lead, name }: { lead: Lead; name: string }) {
  const { t } = useSpeech();
  const kinds = KINDS.flatMap((kind) => {
    const id = lead.evidence[kind];
    return typeof id === 'number' ? [{ kind, id }] : [];
  });
  const [chosen, setChosen] = useState<EvidenceKind>('annotated');
  const shown = kinds.find((one) => one.kind === chosen) ?? kinds[0];
  if (shown === undefined) return <p className={classes.none}>{t.incidents.noPictures}</p>;
  return (
    <section className={classes.pictures} aria-label={t.case.evidence}>
      <div className={classes.kinds} role="tablist" aria-label={t.case.evidence}>
        {kinds.map(({ kind }) => (
          <button
            key={kind}
            type="button"
            role="tab"
            aria-selected={kind === shown.kind}
            onClick={() => setChosen(kind)}
          >
            {t.case.kinds[kind]}
          </button>
        ))}
      </div>
      <div className={classes.canvas} role="tabpanel">
        <img
          key={shown.id}
          src={evidenceUrl(shown.id, shown.kind)}
          alt={`${t.case.kinds[shown.kind]}: ${name}`}
        />
      </div>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function When({ at }: { at: string | null }) {
  return at === null ? (
    <>—</>
  ) : (
    <time className="numbers" dateTime={at}>
      {clock(at)}
    </time>
  );
}

function LeadLine({ incident, lead }: { incident: IncidentDetail; lead: Lead | undefined }) {
  const { t } = useSpeech();
  if (incident.lead_id === null) return <span className="missing">{t.incidents.noLead}</span>;
  if (lead === undefined) return <>{t.case.lead(incident.lead_id)}</>;
  return (
    <>
      {t.case.lead(lead.id)} · {t.incidents.leadStates[lead.status]}
      {lead.case_id === null ? null : (
        <>
          {' · '}
          <Link to={`/cases/${lead.case_id}`}>{t.incidents.toCase}</Link>
        </>
      )}
      {lead.status === 'review' ? (
        <>
          {' · '}
          <Link to="/review">{t.incidents.toReview}</Link>
        </>
      ) : null}
    </>
  );
}

function Facts({ incident, lead }: { incident: IncidentDetail; lead: Lead | undefined }) {
  const { t } = useSpeech();
  const camera = useCamera(incident.camera.id);
  return (
    <dl className={classes.facts}>
      <Fact name={t.incidents.camera}>
        <Link to={`/cameras/${incident.camera.id}`}>{incident.camera.name}</Link>
      </Fact>
      <Fact name={t.incidents.zone}>{zoneName(camera.data?.rules, incident.zone, t)}</Fact>
      <Fact name={t.incidents.firstSeen}>
        <When at={incident.first_seen} />
      </Fact>
      <Fact name={t.incidents.opened}>
        <When at={incident.opened_at} />
      </Fact>
      <Fact name={t.incidents.lastSeen}>
        <When at={incident.last_seen} />
      </Fact>
      <Fact name={t.incidents.endedAt}>
        <When at={incident.ended_at} />
      </Fact>
      <Fact name={t.incidents.duration}>
        <Lasting item={incident} />
      </Fact>
      <Fact name={t.incidents.confidence}>
        <span className="numbers">{Math.round(incident.confidence * 100)}%</span>
      </Fact>
      {incident.latency_s === null ? null : (
        <Fact name={t.incidents.latency}>
          <span className="numbers">{span(incident.latency_s * 1000, t.time)}</span>
        </Fact>
      )}
      <Fact name={t.incidents.lead}>
        <LeadLine incident={incident} lead={lead} />
      </Fact>
    </dl>
  );
}

export function IncidentPage() {
  const { t, language } = useSpeech();
  useLiveFeed();
  const id = useParams().id ?? '';
  const maySeeLeads = useRight('leads');
  const found = useQuery({
    queryKey: ['incident', id],
    queryFn: () => readIncident(id),
    refetchInterval: 20_000,
  });
  const incident = found.data;
  const leadId = incident?.lead_id ?? null;
  const lead = useQuery({
    queryKey: ['lead', leadId],
    queryFn: () => readLead(leadId ?? 0),
    enabled: leadId !== null && maySeeLeads,
  });
  if (found.isError && incident === undefined) {
    const missing = found.error instanceof Problem && found.error.status === 404;
    return (
      <Empty
        icon={<WarnIcon size={36} />}
        title={t.incidents.title}
        text={missing ? t.incidents.missing : explain(found.error, t)}
      >
        <Button component={Link} to="/cameras/incidents" variant="default">
          {t.incidents.back}
        </Button>
      </Empty>
    );
  }
  if (incident === undefined) {
    return <Waiting />;
  }
  const name = className(incident.label, language);
  return (
    <div className={classes.page}>
      <div className={classes.bar}>
        <Link to="/cameras/incidents" className={classes.back ?? ''} aria-label={t.incidents.back}>
          <BackIcon />
        </Link>
        <h1 style={{ borderLeftColor: issueClass(incident.label).colour }}>
          <ClassMark label={incident.label} />
          <small>{incident.camera.name}</small>
        </h1>
        <StageBadge stage={incident.stage} />
      </div>
      <div className={classes.columns}>
        <div className={classes.main}>
          {lead.data === undefined ? (
            <p className={classes.none}>
              {lead.isFetching ? t.common.loading : t.incidents.noPictures}
            </p>
          ) : (
            <Pictures lead={lead.data} name={name} />
          )}
          <Suspects incident={incident} />
        </div>
        <Facts incident={incident} lead={lead.data} />
      </div>
    </div>
  );
}
