/** Maintenance notices of one camera, and of all of them on a page of their own. */
import { Button, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { readCameraNotices, readNotices } from '../api/cameraCalls';
import type { CameraNotice } from '../api/cameras';
import { useSpeech } from '../i18n';
import { Empty } from '../ui/Empty';
import { CheckIcon, WarnIcon } from '../ui/icons';
import { useNow } from '../ui/now';
import { clock, shortClock, span } from '../ui/time';
import { Waiting } from '../ui/Waiting';
import { explain } from '../ui/words';
import { Bar } from './Bar';
import classes from './camera.module.css';
import wall from './cameras.module.css';
import { useLiveFeed } from './LiveProvider';

export function useNoticeName(): (notice: CameraNotice) => string {
  const { t, language } = useSpeech();
  return (notice) => notice.text?.[language] ?? t.notices.what[notice.what] ?? notice.what;
}

function Rows({ items, named }: { items: readonly CameraNotice[]; named: boolean }) {
  const { t } = useSpeech();
  const nameOf = useNoticeName();
  const now = useNow(30_000);
  return (
    <ul className={classes.notices}>
      {items.map((notice) => {
        const end = notice.ended_at === null ? now : Date.parse(notice.ended_at);
        return (
          <li key={notice.id} data-open={notice.ended_at === null}>
            <span className={classes.noticeKind}>{t.notices.kinds[notice.kind]}</span>
            <div>
              <strong>{nameOf(notice)}</strong>
              {named ? <Link to={`/cameras/${notice.camera.id}`}>{notice.camera.name}</Link> : null}
              {notice.detail === '' ? null : <small>{notice.detail}</small>}
            </div>
            <div className={`${classes.noticeTime} numbers`}>
              <time dateTime={notice.began_at} title={clock(notice.began_at)}>
                {shortClock(notice.began_at, now)}
                {notice.ended_at === null ? '' : ` – ${shortClock(notice.ended_at, now)}`}
              </time>
              <span>
                {notice.ended_at === null ? `${t.notices.lasts} ` : ''}
                {span(end - Date.parse(notice.began_at), t.time)}
              </span>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

export function CameraNotices({ id }: { id: number }) {
  const { t } = useSpeech();
  const found = useQuery({
    queryKey: ['notices', 'camera', id],
    queryFn: () => readCameraNotices(id),
  });
  if (found.isPending) return <Loader size="sm" aria-label={t.common.loading} />;
  if (found.isError) return <p className="missing">{explain(found.error, t)}</p>;
  if (found.data.length === 0) return <p className="missing">{t.notices.noneHere}</p>;
  return <Rows items={found.data} named={false} />;
}

export function NoticesPage() {
  const { t } = useSpeech();
  useLiveFeed();
  const [parameters, setParameters] = useSearchParams();
  const open = parameters.get('show') !== 'all';
  const found = useQuery({
    queryKey: ['notices', open],
    queryFn: () => readNotices(open),
    refetchInterval: 30_000,
  });
  return (
    <div className={wall.page}>
      <Bar title={t.notices.title} />
      <div className={wall.tools}>
        <div className={wall.filters} role="group" aria-label={t.cameras.filter}>
          {[true, false].map((one) => (
            <button
              key={String(one)}
              type="button"
              aria-pressed={one === open}
              onClick={() => setParameters(one ? {} : { show: 'all' })}
            >
              {one ? t.notices.open : t.notices.all}
            </button>
          ))}
        </div>
      </div>
      {found.isPending ? <Waiting /> : null}
      {found.isError && found.data === undefined ? (
        <Empty icon={<WarnIcon size={36} />} title={t.notices.title} text={explain(found.error, t)}>
          <Button onClick={() => void found.refetch()}>{t.common.retry}</Button>
        </Empty>
      ) : null}
      {found.data?.length === 0 ? (
        <Empty
          icon={<CheckIcon size={40} />}
          title={open ? t.notices.none : t.notices.noneEver}
          text={t.notices.noneText}
        />
      ) : null}
      {found.data === undefined || found.data.length === 0 ? null : (
        <div className={classes.sheet}>
          <Rows items={found.data} named />
        </div>
      )}
    </div>
  );
}
