// AssemblyScript: compiled to WebAssembly on TensorFlow.js' own memory, where pointers are byte offsets. Images are `rows`
// pixels of `channels` float32 values; sums are float64, so that one pass is enough for a variance. It holds no memory of
// its own, and no function allocates.

/** Pixels that stay in the first-level cache while their channels are visited four at a time. */
const TILE_FLOATS: i32 = 4096;

/** sums[c] += Σ u[c] over the pixels. */
export function addSums(u: usize, rows: i32, channels: i32, sums: usize): void {
  const tile = max<i32>(1, TILE_FLOATS / channels);
  const step = (<usize>channels) << 2;
  for (let first = 0; first < rows; first += tile) {
    const last = min<i32>(first + tile, rows);
    let c = 0;
    for (; c + 4 <= channels; c += 4) {
      let low = v128.load(sums + ((<usize>c) << 3));
      let high = v128.load(sums + ((<usize>c) << 3), 16);
      let at = u + <usize>first * step + ((<usize>c) << 2);
      for (let row = first; row < last; row++, at += step) {
        const value = v128.load(at);
        low = f64x2.add(low, f64x2.promote_low_f32x4(value));
        high = f64x2.add(high, f64x2.promote_low_f32x4(i64x2.shuffle(value, value, 1, 0)));
      }
      v128.store(sums + ((<usize>c) << 3), low);
      v128.store(sums + ((<usize>c) << 3), high, 16);
    }
    for (; c < channels; c++) {
      let sum = load<f64>(sums + ((<usize>c) << 3));
      let at = u + <usize>first * step + ((<usize>c) << 2);
      for (let row = first; row < last; row++, at += step) sum += <f64>load<f32>(at);
      store<f64>(sums + ((<usize>c) << 3), sum);
    }
  }
}

/** sums[c] += Σ u[c]·v[c]; the pixels of u lie `uStep` bytes apart, those of v side by side. */
export function addProducts(u: usize, uStep: usize, v: usize, rows: i32, channels: i32, sums: usize): void {
  const tile = max<i32>(1, TILE_FLOATS / channels);
  const vStep = (<usize>channels) << 2;
  for (let first = 0; first < rows; first += tile) {
    const last = min<i32>(first + tile, rows);
    let c = 0;
    for (; c + 4 <= channels; c += 4) {
      let low = v128.load(sums + ((<usize>c) << 3));
      let high = v128.load(sums + ((<usize>c) << 3), 16);
      let atU = u + <usize>first * uStep + ((<usize>c) << 2);
      let atV = v + <usize>first * vStep + ((<usize>c) << 2);
      for (let row = first; row < last; row++, atU += uStep, atV += vStep) {
        const x = v128.load(atU);
        const y = v128.load(atV);
        low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y)));
        const highX = f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 0));
        const highY = f64x2.promote_low_f32x4(i64x2.shuffle(y, y, 1, 0));
        high = f64x2.add(high, f64x2.mul(highX, highY));
      }
      v128.store(sums + ((<usize>c) << 3), low);
      v128.store(sums + ((<usize>c) << 3), high, 16);
    }
    for (; c < channels; c++) {
      let sum = load<f64>(sums + ((<usize>c) << 3));
      let atU = u + <usize>first * uStep + ((<usize>c) << 2);
      let atV = v + <usize>first * vStep + ((<usize>c) << 2);
      for (let row = first; row < last; row++, atU += uStep, atV += vStep) {
        sum += <f64>load<f32>(atU) * <f64>load<f32>(atV);
      }
      store<f64>(sums + ((<usize>c) << 3), sum);
    }
  }
}

/** y = scale·u + shift; scale and shift are float32, one value a channel. */
export function affine(u: usize, scale: usize, shift: usize, y: usize, rows: i32, channels: i32): void {
  for (let row = 0; row < rows; row++) {
    let c: usize = 0;
    const end = (<usize>channels) << 2;
    for (; c + 16 <= end; c += 16) {
      v128.store(y + c, f32x4.add(f32x4.mul(v128.load(u + c), v128.load(scale + c)), v128.load(shift + c)));
    }
    for (; c < end; c += 4) store<f32>(y + c, load<f32>(u + c) * load<f32>(scale + c) + load<f32>(shift + c));
    u += end;
    y += end;
  }
}

/** y += scale·u */
export function addScaled(u: usize, scale: usize, y: usize, rows: i32, channels: i32): void {
  for (let row = 0; row < rows; row++) {
    let c: usize = 0;
    const end = (<usize>channels) << 2;
    for (; c + 16 <= end; c += 16) {
      v128.store(y + c, f32x4.add(v128.load(y + c), f32x4.mul(v128.load(u + c), v128.load(scale + c))));
    }
    for (; c < end; c += 4) store<f32>(y + c, load<f32>(y + c) + load<f32>(u + c) * load<f32>(scale + c));
    u += end;
    y += end;
  }
}

/** y = a·u + b·v + shift; y may be u. */
export function combine(
  u: usize,
  a: usize,
  v: usize,
  b: usize,
  shift: usize,
  y: usize,
  rows: i32,
  channels: i32,
): void {
  for (let row = 0; row < rows; row++) {
    let c: usize = 0;
    const end = (<usize>channels) << 2;
    for (; c + 16 <= end; c += 16) {
      const ofU = f32x4.mul(v128.load(u + c), v128.load(a + c));
      const ofV = f32x4.mul(v128.load(v + c), v128.load(b + c));
      v128.store(y + c, f32x4.add(f32x4.add(ofU, ofV), v128.load(shift + c)));
    }
    for (; c < end; c += 4) {
      const ofU = load<f32>(u + c) * load<f32>(a + c);
      store<f32>(y + c, ofU + load<f32>(v + c) * load<f32>(b + c) + load<f32>(shift + c));
    }
    u += end;
    v += end;
    y += end;
  }
}

/** y = max(y, 0), in place. */
export function rectify(y: usize, length: i32): void {
  const end = y + ((<usize>length) << 2);
  const zero = f32x4.splat(0);
  for (; y + 16 <= end; y += 16) v128.store(y, f32x4.max(v128.load(y), zero));
  for (; y < end; y += 4) store<f32>(y, max<f32>(load<f32>(y), 0));
}

/** g = dy where y is above zero, else 0. */
export function passed(dy: usize, y: usize, g: usize, length: i32): void {
  const bytes = (<usize>length) << 2;
  const zero = f32x4.splat(0);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    v128.store(g + at, v128.and(v128.load(dy + at), f32x4.gt(v128.load(y + at), zero)));
  }
  for (; at < bytes; at += 4) store<f32>(g + at, load<f32>(y + at) > 0 ? load<f32>(dy + at) : 0);
}

/** A step of gradient descent with momentum: newVelocity and newParameter from the others; see `RepnasMomentumStep`. */
export function momentumStep(
  parameter: usize,
  gradient: usize,
  velocity: usize,
  newParameter: usize,
  newVelocity: usize,
  length: i32,
  scale: f32,
  learningRate: f32,
  momentum: f32,
  weightDecay: f32,
  nesterov: bool,
): void {
  const bytes = (<usize>length) << 2;
  // What the gradient and the velocity add to the step.
  const ofGradient: f32 = nesterov ? 1 : 0;
  const ofVelocity: f32 = nesterov ? momentum : 1;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const value = v128.load(parameter + at);
    const scaled = f32x4.mul(v128.load(gradient + at), f32x4.splat(scale));
    const g = f32x4.add(scaled, f32x4.mul(value, f32x4.splat(weightDecay)));
    const moved = f32x4.add(f32x4.mul(v128.load(velocity + at), f32x4.splat(momentum)), g);
    const step = f32x4.add(f32x4.mul(g, f32x4.splat(ofGradient)), f32x4.mul(moved, f32x4.splat(ofVelocity)));
    v128.store(newVelocity + at, moved);
    v128.store(newParameter + at, f32x4.sub(value, f32x4.mul(step, f32x4.splat(learningRate))));
  }
  for (; at < bytes; at += 4) {
    const value = load<f32>(parameter + at);
    const g = load<f32>(gradient + at) * scale + value * weightDecay;
    const moved = load<f32>(velocity + at) * momentum + g;
    store<f32>(newVelocity + at, moved);
    store<f32>(newParameter + at, value - (g * ofGradient + moved * ofVelocity) * learningRate);
  }
}

/** Σ u², in float64. */
export function squares(u: usize, length: i32): f64 {
  const end = u + ((<usize>length) << 2);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (; u + 16 <= end; u += 16) {
    const value = v128.load(u);
    const first = f64x2.promote_low_f32x4(value);
    const second = f64x2.promote_low_f32x4(i64x2.shuffle(value, value, 1, 0));
    low = f64x2.add(low, f64x2.mul(first, first));
    high = f64x2.add(high, f64x2.mul(second, second));
  }
  const both = f64x2.add(low, high);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; u < end; u += 4) sum += <f64>load<f32>(u) * <f64>load<f32>(u);
  return sum;
}

/** True if one of the values is NaN, which alone is not equal to itself. */
export function holdsNaN(u: usize, length: i32): bool {
  const end = u + ((<usize>length) << 2);
  // Once for as many values as the first-level cache holds.
  while (u + 16 <= end) {
    const stop = min<usize>(u + 16384, end);
    let odd = i32x4.splat(0);
    for (; u + 16 <= stop; u += 16) {
      const value = v128.load(u);
      odd = v128.or(odd, f32x4.ne(value, value));
    }
    if (v128.any_true(odd)) return true;
  }
  for (; u < end; u += 4) {
    const value = f32x4.splat(load<f32>(u));
    if (v128.any_true(f32x4.ne(value, value))) return true;
  }
  return false;
}
