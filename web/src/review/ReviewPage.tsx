/** The review desk: one lead large, one key each for every answer, the next lead at once. */
import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import { useRight } from '../account/session';
import { className, isIssue, ISSUE_CLASSES } from '../classes';
import { useSpeech } from '../i18n';
import { Empty } from '../ui/Empty';
import { BoxIcon, CheckIcon, EyeIcon, HelpIcon, WarnIcon, ZoomIcon } from '../ui/icons';
import { useTell } from '../ui/notices';
import { Waiting } from '../ui/Waiting';
import { Actions, Reasons } from './Actions';
import { chosenLabel, REASONS, waitingStep } from './desk';
import { useDesk } from './DeskProvider';
import { type Extra, Extras } from './Extras';
import { HelpDialog } from './HelpDialog';
import type { Command } from './keys';
import { ClassChooser, LeadFacts, LeadHeading } from './LeadFacts';
import { MuteOffer, useMute } from './MuteOffer';
import { extraUrl, isFilm, pictureUrl, usePrefetch } from './prefetch';
import { Recent } from './Recent';
import classes from './review.module.css';
import { Stage } from './Stage';
import { Strip } from './Strip';
import { useKeys } from './useKeys';

const REFRESH = 12_000;

export function ReviewPage() {
  const { t, language } = useSpeech();
  const { desk, store } = useDesk();
  const navigate = useNavigate();
  const mayDecide = useRight('decide');
  const maySeeOriginal = useRight('original');
  const mayUpload = useRight('upload');
  const [helping, setHelping] = useState(false);
  const [showBoxes, setShowBoxes] = useState(true);
  const [zoomed, setZoomed] = useState(false);
  /** The lead whose original is shown; the next lead is masked again. */
  const [opened, setOpened] = useState<number | null>(null);
  /** Another picture of the lead than the finding itself; the next lead shows that again. */
  const [extra, setExtra] = useState<{ lead: number; kind: Extra } | null>(null);
  const tell = useTell();
  const mute = useMute(desk, mayDecide);
  const lead = desk.queue[0];
  const asking = waitingStep(desk) !== null;

  useEffect(() => {
    void store.refresh();
    const timer = window.setInterval(() => void store.refresh(), REFRESH);
    return () => window.clearInterval(timer);
  }, [store]);
  useEffect(() => {
    setZoomed(false);
  }, [lead?.id]);
  usePrefetch(desk.queue);

  const showExtra = (kind: Extra) => {
    if (lead === undefined || extraUrl(lead, kind) === null) return;
    const shown = extra?.lead === lead.id && extra.kind === kind;
    setExtra(shown ? null : { lead: lead.id, kind });
  };

  const run = (command: Command) => {
    switch (command.kind) {
      case 'confirm':
        if (!mayDecide) return undefined;
        // A lasting change without a class is filed under the one the reviewer names.
        if (lead !== undefined && !isIssue(chosenLabel(desk, lead))) {
          return tell('bad', t.review.chooseClass);
        }
        return store.confirm();
      case 'reject':
        return mayDecide ? store.reject() : undefined;
      case 'skip':
        return store.skip();
      case 'undo':
        return store.undo();
      case 'class': {
        const chosen = ISSUE_CLASSES[command.index];
        return chosen !== undefined && mayDecide ? store.chooseClass(chosen.label) : undefined;
      }
      case 'reason': {
        const reason = REASONS[command.index];
        return reason === undefined ? undefined : store.giveReason(reason);
      }
      case 'original':
        if (!maySeeOriginal || lead === undefined) return undefined;
        return setOpened(opened === lead.id ? null : lead.id);
      case 'boxes':
        return setShowBoxes(!showBoxes);
      case 'zoom':
        return setZoomed(!zoomed);
      case 'before':
      case 'strip':
        return showExtra(command.kind);
      case 'mute':
        return mute.accept();
      case 'help':
        return setHelping(true);
      case 'dismiss':
        setZoomed(false);
        setOpened(null);
        setExtra(null);
        mute.dismiss();
        return store.flush();
    }
  };
  useKeys({ askingReason: asking, classes: ISSUE_CLASSES.length, reasons: REASONS.length }, run);

  const progress = (
    <p className={classes.progress} aria-live="off">
      <strong className="numbers" data-testid="remaining">
        {desk.remaining}
      </strong>{' '}
      {t.review.remaining}
      <span aria-hidden="true" />
      <strong className="numbers" data-testid="done-today">
        {desk.decidedToday}
      </strong>{' '}
      {t.review.doneToday}
    </p>
  );

  if (!desk.loaded) {
    return <Waiting />;
  }
  if (lead === undefined) {
    return (
      <div className={classes.done}>
        <h1 className="hidden">{t.review.title}</h1>
        <Empty icon={<CheckIcon size={44} />} title={t.review.empty} text={t.review.emptyText}>
          <Button onClick={() => void navigate('/cases')}>{t.review.toCases}</Button>
          {mayUpload ? (
            <Button variant="default" onClick={() => void navigate('/upload')}>
              {t.review.toUpload}
            </Button>
          ) : null}
        </Empty>
        <div className={classes.doneAside}>
          {progress}
          {asking ? <Reasons run={run} beside /> : null}
          <MuteOffer mute={mute} />
          <Recent steps={desk.steps} onUndo={(id) => store.undo(id)} />
        </div>
      </div>
    );
  }

  const label = chosenLabel(desk, lead);
  const name = className(label, language);
  const unmasked = opened === lead.id;
  const closeup = pictureUrl(lead, 'closeup');
  const other = extra?.lead === lead.id ? extra.kind : null;
  const returned = desk.returned[lead.id];
  return (
    <div className={classes.desk}>
      <h1 className="hidden">{t.review.title}</h1>
      <p className="hidden" aria-live="polite">
        {t.case.lead(lead.id)}: {name} {Math.round(lead.confidence * 100)}% {lead.place.text}
      </p>
      <section className={classes.view} data-testid="lead" data-lead={lead.id}>
        <Stage
          src={
            other === null
              ? pictureUrl(lead, unmasked ? 'original' : 'masked')
              : extraUrl(lead, other)
          }
          alt={other === null ? t.review.picture(name) : `${t.review[other]}: ${name}`}
          picture={lead.photo}
          label={label}
          caption={`${name} ${Math.round(lead.confidence * 100)}%`}
          box={lead.box}
          boxes={lead.boxes}
          showBoxes={showBoxes}
          zoomed={zoomed}
          unmasked={unmasked && other === null}
          plain={other !== null}
          film={unmasked && other === null && isFilm(lead)}
        >
          {other === null ? null : <p className={classes.which}>{t.review[other]}</p>}
          <div className={classes.switches}>
            {maySeeOriginal ? (
              <button
                type="button"
                className={classes.unmask}
                aria-pressed={unmasked}
                title={t.keys.original}
                onClick={() => run({ kind: 'original' })}
              >
                <EyeIcon />
                <span>{t.review.original}</span>
                <kbd className="key">O</kbd>
              </button>
            ) : null}
            <button
              type="button"
              aria-pressed={showBoxes}
              title={t.keys.boxes}
              onClick={() => run({ kind: 'boxes' })}
            >
              <BoxIcon />
              <span>{t.review.boxes}</span>
              <kbd className="key">B</kbd>
            </button>
            <button
              type="button"
              aria-pressed={zoomed}
              title={t.keys.zoom}
              onClick={() => run({ kind: 'zoom' })}
            >
              <ZoomIcon />
              <span>{t.review.zoom}</span>
              <kbd className="key">Z</kbd>
            </button>
            <button
              type="button"
              className={classes.helpButton}
              title={t.keys.title}
              onClick={() => setHelping(true)}
            >
              <HelpIcon />
              <span>{t.review.help}</span>
              <kbd className="key">?</kbd>
            </button>
          </div>
        </Stage>
        <Strip queue={desk.queue} />
        {asking ? <Reasons run={run} beside={false} /> : null}
        <MuteOffer mute={mute} />
      </section>
      <aside className={classes.panel}>
        {progress}
        {returned === undefined ? null : (
          <p className={classes.returned} role="alert">
            <WarnIcon size={16} />
            <span>
              {t.review.returned} {returned === '' ? t.common.unreachable : returned}
            </span>
          </p>
        )}
        <LeadHeading lead={lead} label={label} />
        <ClassChooser
          label={label}
          dimKeys={asking}
          disabled={!mayDecide}
          onChoose={(chosen) => store.chooseClass(chosen)}
        />
        <div className={classes.dock}>
          <Actions
            mayDecide={mayDecide}
            canUndo={desk.steps.length > 0}
            canSkip={desk.queue.length > 1}
            run={run}
          />
        </div>
        <div className={classes.closeup}>
          {closeup === null ? null : (
            <img key={closeup} src={closeup} alt={`${t.review.closeup}: ${name}`} decoding="sync" />
          )}
        </div>
        <Extras lead={lead} shown={other} onShow={showExtra} />
        <LeadFacts lead={lead} />
        <Recent steps={desk.steps} onUndo={(id) => store.undo(id)} />
      </aside>
      <HelpDialog opened={helping} onClose={() => setHelping(false)} />
    </div>
  );
}
