/** What stands where something is on its way. */
import { Loader } from '@mantine/core';
import { useSpeech } from '../i18n';

export function Waiting() {
  const { t } = useSpeech();
  return (
    <div className="centre">
      <Loader size="sm" aria-label={t.common.loading} />
    </div>
  );
}
