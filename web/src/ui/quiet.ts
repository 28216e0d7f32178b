/** Settings that keep Mantine from writing style elements, which the content policy would refuse. */

export const QUIET_MODAL = {
  lockScroll: false,
  removeScrollProps: { enabled: false },
  transitionProps: { duration: 0 },
  centered: true,
} as const;
