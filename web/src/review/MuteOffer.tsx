/** After a rejection: the spot need not be reported again. Said beside the work, never in its way. */
import { useEffect, useRef, useState } from 'react';
import { liftSuppression, previewSuppression, suppress } from '../api/cameraCalls';
import type { Lead } from '../api/types';
import { className } from '../classes';
import { useSpeech } from '../i18n';
import { CrossIcon, MuteIcon, UndoIcon } from '../ui/icons';
import { useTell } from '../ui/notices';
import { explain } from '../ui/words';
import type { Desk } from './desk';
import { MUTE_DAYS, newOffer, pastOffers, stands } from './offer';
import classes from './review.module.css';

/** How long an offer waits, in ms. */
const OFFERED_MS = 15_000;

interface Offer {
  lead: Lead;
  /** Incidents of the last days that would not have been reported. */
  count: number;
  /** The suppression, once it was made. */
  made: number | null;
}

export interface Mute {
  offer: Offer | null;
  accept: () => void;
  takeBack: () => void;
  dismiss: () => void;
}

export function useMute(desk: Desk, may: boolean): Mute {
  const { t } = useSpeech();
  const tell = useTell();
  const [known] = useState(() => pastOffers(desk));
  const [offer, setOffer] = useState<Offer | null>(null);
  const wanted = useRef<number | null>(null);
  const fail = (error: unknown) => tell('bad', explain(error, t));

  const step = may ? newOffer(desk, known) : null;
  useEffect(() => {
    if (step === null) return;
    const { lead } = step;
    known.add(lead.id);
    wanted.current = lead.id;
    previewSuppression(lead.id).then(
      ({ incidents }) => {
        if (wanted.current === lead.id) setOffer({ lead, count: incidents, made: null });
      },
      () => undefined, // An offer that cannot be made is no news for the reviewer.
    );
  }, [step, known]);

  useEffect(() => {
    if (offer === null) return undefined;
    const timer = window.setTimeout(() => setOffer(null), OFFERED_MS);
    return () => window.clearTimeout(timer);
  }, [offer]);

  useEffect(() => {
    if (offer === null || stands(desk, offer.lead.id)) return;
    // The rejection was taken back; the service lifts what was made from it.
    known.delete(offer.lead.id);
    setOffer(null);
  }, [desk, offer]);

  return {
    offer,
    accept: () => {
      if (offer === null || offer.made !== null) return;
      suppress(offer.lead.id, MUTE_DAYS, null).then(
        ({ id }) => setOffer({ ...offer, made: id }),
        (error: unknown) => {
          setOffer(null);
          fail(error);
        },
      );
    },
    takeBack: () => {
      if (offer?.made == null) return;
      liftSuppression(offer.made).catch(fail);
      setOffer(null);
    },
    dismiss: () => setOffer(null),
  };
}

export function MuteOffer({ mute }: { mute: Mute }) {
  const { t, language } = useSpeech();
  const { offer } = mute;
  if (offer === null) return null;
  const camera = offer.lead.camera?.name ?? '';
  return (
    <div className={classes.mute} role="status" data-testid="mute">
      <p>
        {offer.made === null
          ? t.suppressions.offer(camera, className(offer.lead.model_label, language), MUTE_DAYS)
          : t.suppressions.muted(MUTE_DAYS)}
        {offer.made === null ? <small>{t.suppressions.offerCount(offer.count)}</small> : null}
      </p>
      {offer.made === null ? (
        <button type="button" onClick={mute.accept}>
          <MuteIcon size={16} />
          {t.suppressions.mute}
          <kbd className="key">S</kbd>
        </button>
      ) : (
        <button type="button" onClick={mute.takeBack}>
          <UndoIcon size={16} />
          {t.review.undo}
        </button>
      )}
      <button
        type="button"
        className={classes.away}
        aria-label={t.common.close}
        onClick={mute.dismiss}
      >
        <CrossIcon size={14} />
      </button>
    </div>
  );
}
