import type { OneDnnBackend } from './backend.js';
import { dense, strided } from './descriptions.js';
import { ACCUMULATE, withPostOperations } from './elementwise.js';
import { ARGUMENT } from './ffi/constants.js';
import type { Transposed } from './matrix.js';
import { Primitive } from './primitive.js';
import type { Layout } from './reorder.js';
import type { Runtime } from './runtime.js';

const PLACES: Readonly<Record<Transposed, number>> = { neither: 0, a: 1, b: 2 };

/**
 * Products of so many matrices, one behind the other: c `[count,rows,columns]` = a `[count,rows,inner]` · b `[count,inner,columns]`, or
 * added to what c holds. Small ones are faster so than one by one: each thread computes products of its own. Runs
 * on a, b and c.
 */
export function batchedProduct(
  backend: OneDnnBackend,
  count: number,
  [rows, inner, columns]: readonly [rows: number, inner: number, columns: number],
  transposed: Transposed,
  add = false,
): Primitive {
  const key = [count, rows, inner, columns, PLACES[transposed], add ? 1 : 0];
  return backend.primitives.get('products', key, () => {
    const name = `${count} products [${rows},${inner},${columns}], transposed: ${transposed}${add ? ', added' : ''}`;
    const { runtime } = backend;
    const factor = (height: number, width: number, isTransposed: boolean): Layout => ({
      description: strided(
        runtime,
        [count, height, width],
        [height * width, ...(isTransposed ? [1, height] : [width, 1])],
      ),
    });
    const a = factor(rows, inner, transposed === 'a');
    const b = factor(inner, columns, transposed === 'b');
    const c = { description: dense(runtime, [count, rows, columns]) };
    return productOf(runtime, name, a, b, c, add);
  });
}

/** c = a · b, or added to what c holds, of matrices that lie anyhow. */
export function productOf(runtime: Runtime, name: string, a: Layout, b: Layout, c: Layout, add = false): Primitive {
  const descriptor = withPostOperations(runtime, name, add ? [ACCUMULATE] : [], ({ attributes }) =>
    runtime.functions.product(runtime.making(name, { attributes }), a.description, b.description, c.description),
  );
  return new Primitive(runtime, name, descriptor, [
    { argument: ARGUMENT.source, name: 'a', ...a },
    { argument: ARGUMENT.weights, name: 'b', ...b },
    { argument: ARGUMENT.destination, name: 'c', ...c },
  ]);
}
