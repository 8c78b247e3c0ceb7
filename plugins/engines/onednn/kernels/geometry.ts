export type Shape4 = readonly [number, number, number, number];

/** A window sliding over images: what convolutions and pools share. Lengths in pixels; dilation 1 means none. */
export interface Window {
  readonly size: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  readonly dilation: readonly [height: number, width: number];
  /** Before the first row and column, and after the last. */
  readonly before: readonly [height: number, width: number];
  readonly after: readonly [height: number, width: number];
}

/** Places of the window: ⌊(length + before + after − dilated size) / stride⌋ + 1, rows and columns. */
export function places(input: Shape4, window: Window): [number, number] {
  const along = (axis: 0 | 1): number => {
    const reach = (window.size[axis] - 1) * window.dilation[axis] + 1;
    const length = input[1 + axis] as number;
    return Math.floor((length + window.before[axis] + window.after[axis] - reach) / window.stride[axis]) + 1;
  };
  return [along(0), along(1)];
}

/** Same window, without the pixels that no place reaches: oneDNN wants the division to leave nothing over. */
export function exact(input: Shape4, window: Window): Window {
  const [height, width] = places(input, window);
  const after = ([height, width] as const).map((count, axis) => {
    const reach = ((window.size[axis] as number) - 1) * (window.dilation[axis] as number) + 1;
    return (
      (count - 1) * (window.stride[axis] as number) +
      reach -
      (input[1 + axis] as number) -
      (window.before[axis] as number)
    );
  }) as [number, number];
  return { ...window, after };
}

export const square = (size: number, stride: number, padding: number): Window => ({
  size: [size, size],
  stride: [stride, stride],
  dilation: [1, 1],
  before: [padding, padding],
  after: [padding, padding],
});

export const isShape4 = (shape: readonly number[]): shape is Shape4 => shape.length === 4;

export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (let axis = 0; axis < shape.length; axis++) size *= shape[axis] as number;
  return size;
}
