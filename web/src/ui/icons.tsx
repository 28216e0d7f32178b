/** The few signs the page uses, drawn on a 20-pixel grid in the colour of the text. */
import type { ReactNode } from 'react';

function icon(drawing: ReactNode) {
  return function Icon({ size = 18 }: { size?: number }) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 20 20"
        fill="none"
        stroke="currentColor"
        strokeWidth={1.7}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {drawing}
      </svg>
    );
  };
}

export const CheckIcon = icon(<path d="M4 10.5l4 4 8-9" />);
export const CrossIcon = icon(<path d="M5 5l10 10M15 5L5 15" />);
export const SkipIcon = icon(<path d="M4 5l6 5-6 5zM11 5l6 5-6 5z" />);
export const UndoIcon = icon(<path d="M7 4L3.5 7.5 7 11M4 7.5h7.5a4.5 4.5 0 010 9H8" />);
export const EyeIcon = icon(
  <>
    <path d="M2 10c2-3.6 4.7-5.4 8-5.4s6 1.8 8 5.4c-2 3.6-4.7 5.4-8 5.4S4 13.600 2 10z" />
    <circle cx="10" cy="10" r="2.4" />
  </>,
);
export const BoxIcon = icon(
  <path d="M3 7V4.500A1.500 1.500 0 014.500 3H7M13 3h2.500A1.500 1.500 0 0117 4.500V7M17 13v2.500a1.500 1.500 0 01-1.500 1.500H13M7 17H4.500A1.500 1.500 0 013 15.500V13" />,
);
export const ZoomIcon = icon(
  <>
    <circle cx="8.500" cy="8.500" r="5" />
    <path d="M12.300 12.300L17 17M8.500 6.500v4M6.500 8.500h4" />
  </>,
);
export const HelpIcon = icon(
  <>
    <rect x="2" y="5" width="16" height="10" rx="2" />
    <path d="M5.500 8.500h.01M8.500 8.500h.01M11.500 8.500h.01M14.500 8.500h.01M6.500 12h7" />
  </>,
);
export const UploadIcon = icon(
  <path d="M10 13V3.500M6 7.200l4-3.800 4 3.800M3.500 13v2A1.500 1.500 0 005 16.500h10a1.500 1.500 0 001.500-1.500v-2" />,
);
export const CameraIcon = icon(
  <>
    <path d="M3.500 6.500h3l1.300-2h4.400l1.300 2h3v9.500h-13z" />
    <circle cx="10" cy="11" r="2.800" />
  </>,
);
export const ListIcon = icon(
  <path d="M7.500 5H17M7.500 10H17M7.500 15H17M3.500 5h.01M3.500 10h.01M3.500 15h.01" />,
);
export const ReviewIcon = icon(
  <>
    <rect x="2.500" y="3.500" width="15" height="13" rx="1.500" />
    <path d="M6.500 10.200l2.500 2.400 4.500-5" />
  </>,
);
export const SunIcon = icon(
  <>
    <circle cx="10" cy="10" r="3.400" />
    <path d="M10 2v1.800M10 16.200V18M2 10h1.800M16.200 10H18M4.400 4.400l1.200 1.200M14.400 14.400l1.200 1.200M15.600 4.400l-1.200 1.200M5.600 14.400l-1.200 1.200" />
  </>,
);
export const MoonIcon = icon(<path d="M16.500 12A7 7 0 018 3.500a6.800 6.800 0 108.500 8.500z" />);
export const UserIcon = icon(
  <>
    <circle cx="10" cy="6.800" r="3.200" />
    <path d="M3.800 17c.7-3.200 3-4.800 6.200-4.800s5.500 1.600 6.200 4.800" />
  </>,
);
export const CopyIcon = icon(
  <>
    <rect x="7" y="7" width="9.500" height="9.500" rx="1.500" />
    <path d="M13 4.500a1 1 0 00-1-1H4.500a1 1 0 00-1 1V12a1 1 0 001 1" />
  </>,
);
export const BackIcon = icon(<path d="M12.500 4L6.500 10l6 6" />);
export const WarnIcon = icon(<path d="M10 3L2.500 16.500h15zM10 8v4M10 14.300h.01" />);
export const PinIcon = icon(
  <>
    <path d="M10 17.500c3.600-4 5.500-6.900 5.500-9.300a5.500 5.500 0 00-11 0c0 2.400 1.900 5.300 5.500 9.300z" />
    <circle cx="10" cy="8" r="1.800" />
  </>,
);

/** A street camera on its bracket. */
export const CamIcon = icon(
  <>
    <path d="M3 4v6M3 7h2.500" />
    <path d="M5.500 4.500l10 2.200-1.200 4.800-10-2.200M5.500 4.500L4.300 9.300M15.500 6.700l2 .5-.8 3.200-2-.5M8.500 10.400v2.100a2 2 0 002 2H13" />
  </>,
);
export const PlusIcon = icon(<path d="M10 4v12M4 10h12" />);
export const EditIcon = icon(
  <path d="M4 16l.8-3.400L13 4.400l2.600 2.600-8.200 8.200zM11.400 6l2.600 2.600" />,
);
export const TrashIcon = icon(
  <path d="M4 6h12M8 6V4h4v2M5.500 6l.8 10.500h7.400L14.500 6M8.500 9v4.500M11.500 9v4.500" />,
);
export const RedoIcon = icon(
  <path d="M13 4l3.500 3.500L13 11M16 7.500H8.500a4.500 4.500 0 000 9H12" />,
);
export const PauseIcon = icon(<path d="M7 4.500v11M13 4.500v11" />);
export const PlayIcon = icon(<path d="M6 4l10 6-10 6z" />);
export const ClockIcon = icon(
  <>
    <circle cx="10" cy="10" r="7" />
    <path d="M10 6v4.200l2.800 1.800" />
  </>,
);
export const SearchIcon = icon(
  <>
    <circle cx="8.500" cy="8.500" r="5" />
    <path d="M12.300 12.300L17 17" />
  </>,
);
export const TruckIcon = icon(
  <>
    <path d="M2 5h9v9H6.800M3.200 14H2V5M11 8h3.500L18 11v3h-1.200M13.200 14H11" />
    <circle cx="5" cy="14.500" r="1.800" />
    <circle cx="15" cy="14.500" r="1.800" />
  </>,
);
export const MuteIcon = icon(
  <>
    <circle cx="10" cy="10" r="7" />
    <path d="M5 5l10 10" />
  </>,
);

/** The product's sign: a framed tick. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path
        d="M6 11V8a2 2 0 0 1 2-2h3M21 6h3a2 2 0 0 1 2 2v3M26 21v3a2 2 0 0 1-2 2h-3M11 26H8a2 2 0 0 1-2-2v-3"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.4"
        strokeLinecap="round"
      />
      <path
        d="M10.500 16.500l4 4 7.500-8.500"
        fill="none"
        stroke="#7fd0a0"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
