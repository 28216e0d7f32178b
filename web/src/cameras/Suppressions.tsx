/** Spots that reviewers said are not to be reported again, until when, and taking that back. */
import { Button, Loader } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRight } from '../account/session';
import { liftSuppression, readSuppressions } from '../api/cameraCalls';
import type { CameraDetail, Suppression } from '../api/cameras';
import { useSpeech } from '../i18n';
import { ClassMark } from '../ui/ClassMark';
import { useTell } from '../ui/notices';
import { useNow } from '../ui/now';
import { clock, shortClock, span } from '../ui/time';
import { explain } from '../ui/words';
import classes from './camera.module.css';
import { Boxes, View } from './View';

function Row({ item, camera }: { item: Suppression; camera: CameraDetail }) {
  const { t } = useSpeech();
  const tell = useTell();
  const client = useQueryClient();
  const mayDecide = useRight('decide');
  const now = useNow(60_000);
  const lift = useMutation({
    mutationFn: () => liftSuppression(item.id),
    onSuccess: () => tell('good', t.suppressions.lifted),
    onError: (error) => tell('bad', explain(error, t)),
    onSettled: () => void client.invalidateQueries({ queryKey: ['suppressions', camera.id] }),
  });
  const left = Date.parse(item.expires_at) - now;
  const over = item.lifted_at !== null || left <= 0;
  const ending =
    item.lifted_at !== null
      ? t.suppressions.liftedBy(item.lifted_by ?? '', shortClock(item.lifted_at, now))
      : left <= 0
        ? t.suppressions.expired
        : t.suppressions.expiresIn(span(left, t.time));
  const size =
    camera.status === null || camera.status.width === null || camera.status.height === null
      ? null
      : { width: camera.status.width, height: camera.status.height };
  return (
    <li className={classes.suppression} data-over={over}>
      <div className={classes.spot}>
        <View src={camera.view_url} alt="" size={size}>
          {(shown) => (
            <Boxes
              shown={shown}
              boxes={[{ key: 'spot', label: item.label, box: item.box, tone: 'strong' }]}
            />
          )}
        </View>
      </div>
      <div>
        <strong>
          <ClassMark label={item.label} />
        </strong>
        <span title={clock(item.expires_at)}>{ending}</span>
        <small className="numbers">
          {t.suppressions.by(item.created_by, shortClock(item.created_at, now))}
        </small>
        {item.note === null || item.note === '' ? null : <small>{item.note}</small>}
      </div>
      {mayDecide && !over ? (
        <Button
          variant="default"
          size="compact-sm"
          loading={lift.isPending}
          onClick={() => lift.mutate()}
        >
          {t.suppressions.lift}
        </Button>
      ) : null}
    </li>
  );
}

export function Suppressions({ camera }: { camera: CameraDetail }) {
  const { t } = useSpeech();
  const found = useQuery({
    queryKey: ['suppressions', camera.id],
    queryFn: () => readSuppressions(camera.id),
  });
  if (found.isPending) return <Loader size="sm" aria-label={t.common.loading} />;
  if (found.isError) return <p className="missing">{explain(found.error, t)}</p>;
  return (
    <>
      <p className={classes.hint}>{t.suppressions.hint}</p>
      {found.data.length === 0 ? <p className="missing">{t.suppressions.none}</p> : null}
      <ul>
        {found.data.map((item) => (
          <Row key={item.id} item={item} camera={camera} />
        ))}
      </ul>
    </>
  );
}
