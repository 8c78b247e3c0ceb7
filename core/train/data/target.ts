/** Writes one-hot rows `[size, classes]`, smoothed: 1 − ε + ε/K for the label and ε/K elsewhere (Szegedy et al. 2016). */
export function writeTargets(target: Float32Array, labels: Int32Array, classes: number, smoothing: number): void {
  target.fill(smoothing / classes);
  for (let row = 0; row < labels.length; row++) {
    target[row * classes + (labels[row] as number)] = 1 - smoothing + smoothing / classes;
  }
}

/**
 * Mixup in place: row i becomes λ · row i + (1 − λ) · row n−1−i. The order of a batch is random already, so its mirror
 * image is as good a random partner as any, and no second batch of memory is needed.
 */
export function mixRows(rows: Float32Array, count: number, lambda: number): void {
  const length = rows.length / count;
  for (let i = 0, j = count - 1; i < j; i++, j--) {
    for (let a = i * length, b = j * length, end = a + length; a < end; a++, b++) {
      const first = rows[a] as number;
      const second = rows[b] as number;
      rows[a] = lambda * first + (1 - lambda) * second;
      rows[b] = lambda * second + (1 - lambda) * first;
    }
  }
}
