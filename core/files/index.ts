export { FileError, systemCode } from './error.js';
export { type JsonLimits, parseJson, readJson } from './json.js';
export { isPlainName, pathInside } from './names.js';
export { readBytes, rethrow } from './read.js';
export { sha256 } from './sha256.js';
export {
  type FileSet,
  isTemporary,
  removeFolder,
  removeTemporaries,
  syncFile,
  writeFileAtomic,
  writeFolderAtomic,
} from './write.js';
