/** A picture as it came: a photo, or the one frame of a stream, which is a film of one picture. */

interface Props {
  src: string;
  alt: string;
  film: boolean;
  width?: number;
  height?: number;
  hidden?: boolean;
  /** Shown in its own proportions within the room it is given. */
  plain?: boolean;
  onLoad?: (() => void) | undefined;
  onError: () => void;
}

export function Original({ src, alt, film, onLoad, onError, plain, ...place }: Props) {
  if (film) {
    return (
      <video
        src={src}
        aria-label={alt}
        muted
        playsInline
        preload="auto"
        data-plain={plain}
        onLoadedData={onLoad}
        onError={onError}
        {...place}
      />
    );
  }
  return (
    <img
      src={src}
      alt={alt}
      decoding="sync"
      draggable={false}
      data-plain={plain}
      onLoad={onLoad}
      onError={onError}
      {...place}
    />
  );
}
