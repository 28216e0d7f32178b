/** The head of the pages about cameras: where one is among them, and whether the page is live. */
import type { ReactNode } from 'react';
import { NavLink } from 'react-router';
import { useSpeech } from '../i18n';
import classes from './cameras.module.css';
import { useLink } from './LiveProvider';

export function Bar({ title, children }: { title: string; children?: ReactNode }) {
  const { t } = useSpeech();
  const link = useLink();
  return (
    <div className={classes.bar}>
      <h1 className="hidden">{title}</h1>
      <nav className={classes.places} aria-label={t.cameras.title}>
        <NavLink to="/cameras" end>
          {t.cameras.wall}
        </NavLink>
        <NavLink to="/cameras/live">{t.cameras.live}</NavLink>
        <NavLink to="/cameras/incidents">{t.incidents.title}</NavLink>
        <NavLink to="/cameras/notices">{t.notices.title}</NavLink>
      </nav>
      {children}
      <span className={classes.link} data-link={link} role="status" title={t.cameras.links[link]}>
        <i aria-hidden="true" />
        <span>{t.cameras.links[link]}</span>
      </span>
    </div>
  );
}
