/** The live list on a page of its own, for phones and for a second screen. */
import { useSpeech } from '../i18n';
import { Bar } from './Bar';
import classes from './cameras.module.css';
import { useCameras } from './CamerasPage';
import { LiveFeed } from './LiveFeed';

export function LivePage() {
  const { t } = useSpeech();
  const cameras = useCameras();
  return (
    <div className={classes.page}>
      <Bar title={t.live.title} />
      <div className={classes.alone}>
        <LiveFeed cameras={cameras.data ?? []} />
      </div>
    </div>
  );
}
