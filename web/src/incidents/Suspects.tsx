/** Trucks seen before a spill: a person says which one it was, the service never does. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRight } from '../account/session';
import { judgeSuspect } from '../api/cameraCalls';
import type { IncidentDetail, Suspect, SuspectVerdict } from '../api/cameras';
import { className } from '../classes';
import { useSpeech } from '../i18n';
import { CheckIcon, CrossIcon } from '../ui/icons';
import { useTell } from '../ui/notices';
import { exactClock, span } from '../ui/time';
import { explain } from '../ui/words';
import classes from './incidents.module.css';

function Card({ suspect, incident }: { suspect: Suspect; incident: IncidentDetail }) {
  const { t, language } = useSpeech();
  const tell = useTell();
  const client = useQueryClient();
  const mayDecide = useRight('decide');
  const key = ['incident', incident.id];
  const judge = useMutation({
    mutationFn: (verdict: SuspectVerdict | null) => judgeSuspect(suspect.id, verdict),
    onMutate: (verdict) => {
      client.setQueryData<IncidentDetail>(key, (old) =>
        old === undefined
          ? old
          : {
              ...old,
              suspects: old.suspects.map((one) =>
                one.id === suspect.id ? { ...one, verdict } : one,
              ),
            },
      );
    },
    onError: (error) => tell('bad', explain(error, t)),
    onSettled: () => void client.invalidateQueries({ queryKey: key }),
  });
  const choices: readonly [SuspectVerdict, typeof CheckIcon][] = [
    ['confirmed', CheckIcon],
    ['dismissed', CrossIcon],
  ];
  return (
    <li data-verdict={suspect.verdict}>
      <img src={suspect.picture_url} alt={t.suspects.picture(suspect.camera.name)} loading="lazy" />
      <div>
        <strong className="numbers">
          {t.suspects.before(span(suspect.seconds_before * 1000, t.time))}
        </strong>
        <span className="numbers">
          {exactClock(suspect.at)} · {suspect.camera.name}
        </span>
        <span className="numbers">
          {className(suspect.label, language)} {Math.round(suspect.confidence * 100)}%
        </span>
        {suspect.verdict === null || suspect.decided_by === null ? null : (
          <small>
            {t.suspects.decided(t.suspects.verdicts[suspect.verdict], suspect.decided_by)}
          </small>
        )}
      </div>
      {mayDecide ? (
        <div className={classes.verdicts}>
          {choices.map(([verdict, Sign]) => (
            <button
              key={verdict}
              type="button"
              aria-pressed={suspect.verdict === verdict}
              data-verdict={verdict}
              onClick={() => judge.mutate(suspect.verdict === verdict ? null : verdict)}
            >
              <Sign size={15} />
              {t.suspects.actions[verdict]}
            </button>
          ))}
        </div>
      ) : null}
    </li>
  );
}

export function Suspects({ incident }: { incident: IncidentDetail }) {
  const { t } = useSpeech();
  if (incident.label !== 'spill' && incident.suspects.length === 0) return null;
  return (
    <section className={classes.suspects} aria-labelledby="suspects-title">
      <h2 id="suspects-title">{t.suspects.title}</h2>
      <p>{incident.suspects.length === 0 ? t.suspects.none : t.suspects.hint}</p>
      <ul>
        {incident.suspects.map((suspect) => (
          <Card key={suspect.id} suspect={suspect} incident={incident} />
        ))}
      </ul>
    </section>
  );
}
