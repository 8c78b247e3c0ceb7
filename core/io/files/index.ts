export { contentLength, wholeContent } from './content.js';
export { digestFile } from './digest.js';
export { FileError, systemCode } from './error.js';
export { openRegular, readExactly } from './handle.js';
export { type JsonLimits, parseJson, readJson } from './json.js';
export { readLines } from './lines.js';
export { isPlainName, pathInside } from './names.js';
export { makeFolder } from './make-folder.js';
export { readBytes, rethrow } from './read.js';
export { sha256 } from './digest.js';
export {
  type FileSet,
  isTemporary,
  removeFolder,
  removeTemporaries,
  syncFile,
  writeChecked,
  writeFileAtomic,
  writeFolderAtomic,
} from './write.js';
