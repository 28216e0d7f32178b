/** One case with all that is known about it. */
import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useParams } from 'react-router';
import { useRight } from '../account/session';
import { readCase } from '../api/calls';
import { Problem } from '../api/http';
import type { CaseDetail } from '../api/types';
import { className } from '../classes';
import { useSpeech } from '../i18n';
import { ClassMark } from '../ui/ClassMark';
import { CopyButton } from '../ui/CopyButton';
import { Empty } from '../ui/Empty';
import { BackIcon, WarnIcon } from '../ui/icons';
import { clock, coordinates } from '../ui/time';
import { Waiting } from '../ui/Waiting';
import { explain } from '../ui/words';
import classes from './case.module.css';
import { nameOfUnit } from './CasesPage';
import { Claim } from './Claim';
import { Countdown } from './Countdown';
import { EvidenceView } from './EvidenceView';
import { History } from './History';
import { StateBadge } from './StateBadge';

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Facts({ item }: { item: CaseDetail }) {
  const { t, language } = useSpeech();
  const { standard, place } = item;
  const kinds: Readonly<Record<string, string>> = t.case.codeKind;
  const noted = item.leads.find((lead) => lead.photo.note !== null)?.photo.note;
  const where = place.text ?? noted;
  const maySeeCameras = useRight('leads');
  const cameras = [
    ...new Map(
      item.leads.flatMap(({ camera }) => (camera === null ? [] : [[camera.id, camera.name]])),
    ),
  ];
  const codeName = language === 'zh' ? standard.name_zh : standard.name_en;
  return (
    <section className={classes.facts} aria-label={t.case.facts}>
      <dl className={classes.list}>
        <Fact name={t.cases.class}>
          <ClassMark label={item.label} />
        </Fact>
        <Fact name={t.case.code}>
          <span className="mono">{standard.code}</span> {codeName}
          <small>
            {standard.standard_ref} · {kinds[standard.kind] ?? standard.kind}
          </small>
        </Fact>
        <Fact name={t.cases.place}>
          {where ?? t.review.noPlace}
          {place.lat === null || place.lon === null ? null : (
            <small className="numbers">
              {coordinates(place.lat, place.lon)}
              <CopyButton text={coordinates(place.lat, place.lon)} what={t.review.coordinates} />
            </small>
          )}
        </Fact>
        <Fact name={t.cases.unit}>
          {item.unit === null ? t.cases.noUnit : nameOfUnit(item.unit, language)}
        </Fact>
        <Fact name={t.cases.dispatched}>
          <time className="numbers" dateTime={item.dispatched_at}>
            {clock(item.dispatched_at)}
          </time>
        </Fact>
        <Fact name={t.cases.due}>
          <time className="numbers" dateTime={item.due_at}>
            {clock(item.due_at)}
          </time>
        </Fact>
        {item.claimed_by === null || item.claimed_at === null ? null : (
          <Fact name={t.case.claimed}>
            {t.case.claimedBy(item.claimed_by, clock(item.claimed_at))}
          </Fact>
        )}
        {cameras.length === 0 ? null : (
          <Fact name={t.review.camera}>
            {cameras.map(([id, name]) => (
              <span key={id} className={classes.lead}>
                {maySeeCameras ? <Link to={`/cameras/${id}`}>{name}</Link> : name}
              </span>
            ))}
          </Fact>
        )}
        <Fact name={t.case.leads}>
          {item.leads.map((lead) => (
            <span key={lead.id} className={classes.lead}>
              {t.case.lead(lead.id)} · {className(lead.model_label, language)}{' '}
              {Math.round(lead.confidence * 100)}% · {lead.model.name}
            </span>
          ))}
        </Fact>
      </dl>
    </section>
  );
}

export function CasePage() {
  const { t } = useSpeech();
  const client = useQueryClient();
  const id = Number(useParams().id);
  const found = useQuery({
    queryKey: ['case', id],
    queryFn: () => readCase(id),
    enabled: Number.isSafeInteger(id) && id > 0,
    refetchInterval: 20_000,
  });
  const item = found.data;
  if (!Number.isSafeInteger(id) || id <= 0 || (found.isError && item === undefined)) {
    const missing = !(found.error instanceof Problem) || [403, 404].includes(found.error.status);
    return (
      <Empty
        icon={<WarnIcon size={36} />}
        title={t.cases.title}
        text={missing ? t.case.missing : explain(found.error, t)}
      >
        <Button component={Link} to="/cases" variant="default">
          {t.case.back}
        </Button>
      </Empty>
    );
  }
  if (item === undefined) {
    return <Waiting />;
  }
  return (
    <div className={classes.page}>
      <div className={classes.bar}>
        <Link to="/cases" className={classes.back ?? ''} aria-label={t.case.back}>
          <BackIcon />
        </Link>
        <h1 className="numbers">
          {item.number}
          <CopyButton text={item.number} what={t.cases.number} />
        </h1>
        <StateBadge state={item.state} />
        <Countdown item={item} />
        <span className={classes.grow} />
        <Claim item={item} />
      </div>
      <div className={classes.columns}>
        <EvidenceView
          item={item}
          onOriginal={() => void client.invalidateQueries({ queryKey: ['case', item.id] })}
        />
        <div className={classes.side}>
          <Facts item={item} />
          <History lines={item.history} />
        </div>
      </div>
    </div>
  );
}
