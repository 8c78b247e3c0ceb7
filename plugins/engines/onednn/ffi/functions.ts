import type { LibraryHandle } from 'koffi';
import type { Functions } from './interface.js';

/** Names of koffi's types. A description is passed as a pointer: to memory of ours, or the handle that it is. */
export const TYPE = { pointer: 'void*', handle: 'uint64', int: 'int', float: 'float', unsigned: 'uint' } as const;

/** Binds functions of the library by their names without the prefix. */
export function binder(dnnl: LibraryHandle): Binder {
  return {
    status: (name, ...types) => dnnl.func(`dnnl_${name}`, TYPE.int, types) as never,
    returns: (name, result, ...types) => dnnl.func(`dnnl_${name}`, result, types) as never,
  };
}

/** Binds a function that returns a status, or one that returns something else. */
export interface Binder {
  status<T>(name: string, ...types: string[]): T;
  returns<T>(name: string, result: string, ...types: string[]): T;
}

export const repeat = (type: string, count: number): string[] => new Array<string>(count).fill(type);

/** The functions whose signature is the same in 2.6 and 3.x. */
export function bindFunctions(dnnl: LibraryHandle, koffi: typeof import('koffi')): Functions {
  const { status, returns } = binder(dnnl);
  const { pointer: P, handle: H, int: I, float: F, unsigned: U } = TYPE;
  return {
    engineCreate: status('engine_create', P, I, 'size_t'),
    engineDestroy: status('engine_destroy', H),
    streamCreate: status('stream_create', P, H, U),
    streamDestroy: status('stream_destroy', H),
    descriptionsEqual: status('memory_desc_equal', P, P),
    descriptionSize: returns('memory_desc_get_size', 'size_t', P),
    reorderCreate: status('reorder_primitive_desc_create', P, P, H, P, H, H),
    descriptorQueryInto: status('primitive_desc_query', H, I, I, P),
    descriptorImplementation: dnnl.func('dnnl_primitive_desc_query', I, [
      H,
      I,
      I,
      koffi.out(koffi.pointer('str')),
    ]) as Functions['descriptorImplementation'],
    descriptorDestroy: status('primitive_desc_destroy', H),
    primitiveCreate: status('primitive_create', P, H),
    primitiveDestroy: status('primitive_destroy', H),
    primitiveExecute: status('primitive_execute', H, H, I, P),
    memoryCreate: status('memory_create', P, P, H, H),
    memoryDestroy: status('memory_destroy', H),
    memorySet: status('memory_set_data_handle', H, P),
    attributesCreate: status('primitive_attr_create', P),
    attributesDestroy: status('primitive_attr_destroy', H),
    attributesSetPostOperations: status('primitive_attr_set_post_ops', H, H),
    postOperationsCreate: status('post_ops_create', P),
    postOperationsDestroy: status('post_ops_destroy', H),
    sgemm: status('sgemm', 'char', 'char', ...repeat('int64', 3), F, P, 'int64', P, 'int64', F, P, 'int64'),
    cpuIsa: status('get_effective_cpu_isa'),
  };
}
