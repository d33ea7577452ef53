/** How wide (px) a text is. */
export type Measure = (text: string) => number;

/**
 * The text if it is as wide as `width` at most, else as much of its beginning as fits with three dots. SVG cuts no
 * text, and letters are of different widths: a number of them says little about the room they take.
 */
export function fitted(text: string, width: number, measure: Measure): string {
  if (measure(text) <= width) return text;
  const characters = [...text];
  // The first `low` characters fit, the first `high` do not.
  let [low, high] = [0, characters.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (measure(cut(characters, middle)) <= width) low = middle;
    else high = middle;
  }
  return cut(characters, low);
}

/** Measures in the font of the page. */
export function measureIn(weight: number, sizePx: number): Measure {
  let canvas: CanvasRenderingContext2D | null | undefined;
  return (text) => {
    canvas ??= document.createElement('canvas').getContext('2d');
    if (canvas === null) return text.length * sizePx * 0.6;
    canvas.font = `${weight} ${sizePx}px ${getComputedStyle(document.documentElement).fontFamily}`;
    return canvas.measureText(text).width;
  };
}

function cut(characters: readonly string[], count: number): string {
  return `${characters.slice(0, count).join('').trimEnd()}…`;
}
