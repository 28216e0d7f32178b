/** What stands where nothing is: says why, and where to go from here. */
import type { ReactNode } from 'react';
import classes from './small.module.css';

interface Props {
  icon: ReactNode;
  title: string;
  text: string;
  children?: ReactNode;
}

export function Empty({ icon, title, text, children }: Props) {
  return (
    <div className={classes.empty}>
      {icon}
      <h2>{title}</h2>
      <p>{text}</p>
      {children === undefined ? null : <div className={classes.emptyActions}>{children}</div>}
    </div>
  );
}
