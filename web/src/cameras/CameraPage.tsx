/** One camera: its view with what is seen and what counts there, and all that is known of it. */
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { useRight } from '../account/session';
import { changeCamera, readCamera, readIncidents } from '../api/cameraCalls';
import type { CameraDetail, Incident } from '../api/cameras';
import { Problem } from '../api/http';
import { useSpeech } from '../i18n';
import { IncidentList } from '../incidents/IncidentList';
import { BackIcon, EditIcon, PauseIcon, PlayIcon, WarnIcon } from '../ui/icons';
import { Empty } from '../ui/Empty';
import { useTell } from '../ui/notices';
import { Waiting } from '../ui/Waiting';
import { explain } from '../ui/words';
import { CameraDialog } from './CameraDialog';
import { CameraFacts } from './CameraFacts';
import { CameraNotices } from './CameraNotices';
import { CameraState } from './CameraState';
import classes from './camera.module.css';
import { LiveFeed } from './LiveFeed';
import { useLiveFeed } from './LiveProvider';
import { RemoveCamera } from './RemoveCamera';
import { RulesSummary } from './RulesSummary';
import { Shapes } from './Shapes';
import { Since } from './Since';
import { Suppressions } from './Suppressions';
import { condition } from './wall';
import { zoneName } from './zones';
import { Boxes, type DrawnBox, sightingBoxes, View } from './View';

const TABS = ['incidents', 'live', 'rules', 'suppressions', 'notices', 'facts'] as const;

type Tab = (typeof TABS)[number];

export function useCamera(id: number) {
  return useQuery({
    queryKey: ['camera', id],
    queryFn: () => readCamera(id),
    enabled: Number.isSafeInteger(id) && id > 0,
    refetchInterval: 10_000,
  });
}

export function CameraMissing({ error }: { error: unknown }) {
  const { t } = useSpeech();
  const missing = !(error instanceof Problem) || [403, 404].includes(error.status);
  return (
    <Empty
      icon={<WarnIcon size={36} />}
      title={t.cameras.title}
      text={missing ? t.camera.missing : explain(error, t)}
    >
      <Button component={Link} to="/cameras" variant="default">
        {t.camera.back}
      </Button>
    </Empty>
  );
}

function Stage({ camera, open }: { camera: CameraDetail; open: readonly Incident[] }) {
  const { t } = useSpeech();
  const { status } = camera;
  const [layers, setLayers] = useState({ seen: true, rules: true });
  const size =
    status === null || status.width === null || status.height === null
      ? null
      : { width: status.width, height: status.height };
  const boxes = useMemo<DrawnBox[]>(() => {
    const incidents = open.map<DrawnBox>((one) => ({
      key: one.id,
      label: one.label,
      box: one.box,
      tone: 'strong',
    }));
    const covered = new Set(open.map((one) => one.label));
    const seen = sightingBoxes(status?.sightings ?? []);
    // What is already an incident is drawn once, as that.
    return [...incidents, ...seen.filter((one) => !covered.has(one.label))];
  }, [open, status?.sightings]);
  const toggles: readonly ['seen' | 'rules', string][] = [
    ['seen', t.camera.showSeen],
    ['rules', t.camera.showRules],
  ];
  return (
    <div className={classes.stage}>
      <View src={camera.view_url} alt={t.camera.viewOf(camera.name)} size={size}>
        {(shown) => (
          <>
            {layers.rules ? <Shapes rules={camera.rules} shown={shown} /> : null}
            {layers.seen ? <Boxes boxes={boxes} shown={shown} /> : null}
          </>
        )}
      </View>
      <div className={classes.layers}>
        {toggles.map(([layer, name]) => (
          <button
            key={layer}
            type="button"
            aria-pressed={layers[layer]}
            onClick={() => setLayers({ ...layers, [layer]: !layers[layer] })}
          >
            {name}
          </button>
        ))}
      </div>
    </div>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Figures({ camera }: { camera: CameraDetail }) {
  const { t } = useSpeech();
  const { status } = camera;
  const share =
    status === null || status.looks === 0
      ? '—'
      : `${Math.round((1 - status.looks_inspected / status.looks) * 100)}%`;
  const change = status?.change ?? null;
  const latency = status?.latency_s ?? null;
  return (
    <dl className={classes.figures}>
      <Figure name={t.camera.lastLook}>
        <Since at={status?.last_look_at ?? null} none={t.cameras.noLookYet} />
      </Figure>
      <Figure name={t.camera.rhythm}>
        {t.camera.everySeconds(t.cameraForm.modes[camera.mode], camera.every_s)}
      </Figure>
      <Figure name={t.camera.looks}>
        <span className="numbers">{status?.looks ?? 0}</span>
      </Figure>
      <Figure name={t.camera.skipped}>
        <span className="numbers">{share}</span>
      </Figure>
      <Figure name={t.camera.change}>
        <span className="numbers">{change === null ? '—' : `${Math.round(change * 100)}%`}</span>
      </Figure>
      <Figure name={t.camera.latency}>
        <span className="numbers">
          {latency === null ? '—' : t.camera.secondsLong(latency.toFixed(1))}
        </span>
      </Figure>
    </dl>
  );
}

function Tools({ camera }: { camera: CameraDetail }) {
  const { t } = useSpeech();
  const tell = useTell();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [changing, setChanging] = useState(false);
  const pause = useMutation({
    mutationFn: () => changeCamera(camera.id, camera.revision, { paused: !camera.paused }),
    onError: (error) => tell('bad', explain(error, t)),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['camera', camera.id] });
      void client.invalidateQueries({ queryKey: ['cameras'] });
    },
  });
  return (
    <div className={classes.tools}>
      <Button
        leftSection={<EditIcon size={16} />}
        onClick={() => void navigate(`/cameras/${camera.id}/rules`)}
      >
        {t.camera.editRules}
      </Button>
      <Button variant="default" onClick={() => setChanging(true)}>
        {t.camera.settings}
      </Button>
      <Button
        variant="default"
        loading={pause.isPending}
        leftSection={camera.paused ? <PlayIcon size={16} /> : <PauseIcon size={16} />}
        onClick={() => pause.mutate()}
      >
        {camera.paused ? t.camera.resume : t.camera.pause}
      </Button>
      <RemoveCamera camera={camera} />
      <CameraDialog
        opened={changing}
        onClose={() => setChanging(false)}
        onSaved={() => undefined}
        camera={camera}
      />
    </div>
  );
}

export function CameraPage() {
  const { t } = useSpeech();
  const id = Number(useParams().id);
  const mayChange = useRight('cameras');
  const found = useCamera(id);
  useLiveFeed();
  const [parameters, setParameters] = useSearchParams();
  const tab: Tab = TABS.find((one) => one === parameters.get('tab')) ?? 'incidents';
  const incidents = useQuery({
    queryKey: ['incidents', 'camera', id],
    queryFn: () => readIncidents({ camera_id: id }, null),
    enabled: found.data !== undefined,
    refetchInterval: 30_000,
  });
  const camera = found.data;
  if (!Number.isSafeInteger(id) || id <= 0 || (found.isError && camera === undefined)) {
    return <CameraMissing error={found.error} />;
  }
  if (camera === undefined) {
    return <Waiting />;
  }
  const all = incidents.data?.items ?? [];
  const open = all.filter((one) => one.stage === 'open');
  const list = [...open, ...all.filter((one) => one.stage !== 'open')];
  // Why a camera is off, its state says; what went wrong has more to it.
  const detail = condition(camera) === 'off' ? '' : (camera.status?.detail ?? '');
  return (
    <div className={classes.page}>
      <div className={classes.bar}>
        <Link to="/cameras" className={classes.back ?? ''} aria-label={t.camera.back}>
          <BackIcon />
        </Link>
        <h1>{camera.name}</h1>
        <CameraState camera={camera} />
        {detail === '' ? null : <span className={classes.detail}>{detail}</span>}
        <span className={classes.grow} />
        {mayChange ? <Tools camera={camera} /> : null}
      </div>
      <div className={classes.columns}>
        <div className={classes.main}>
          <Stage camera={camera} open={open} />
          <Figures camera={camera} />
        </div>
        <section className={classes.side} aria-label={camera.name}>
          <div className={classes.tabs} role="tablist" aria-label={camera.name}>
            {TABS.map((one) => (
              <button
                key={one}
                type="button"
                role="tab"
                aria-selected={one === tab}
                onClick={() =>
                  setParameters(one === 'incidents' ? {} : { tab: one }, { replace: true })
                }
              >
                {t.camera.tabs[one]}
                {one === 'incidents' && camera.open_incidents > 0 ? (
                  <b className="numbers">{camera.open_incidents}</b>
                ) : null}
              </button>
            ))}
          </div>
          <div className={classes.panel} role="tabpanel" data-tab={tab}>
            {tab === 'incidents' ? (
              <IncidentList
                items={list}
                asking={incidents.isPending}
                zoneName={(zone) => zoneName(camera.rules, zone, t)}
              />
            ) : null}
            {tab === 'live' ? <LiveFeed cameras={[camera]} only={id} /> : null}
            {tab === 'rules' ? <RulesSummary camera={camera} /> : null}
            {tab === 'suppressions' ? <Suppressions camera={camera} /> : null}
            {tab === 'notices' ? <CameraNotices id={id} /> : null}
            {tab === 'facts' ? <CameraFacts camera={camera} /> : null}
          </div>
        </section>
      </div>
    </div>
  );
}
