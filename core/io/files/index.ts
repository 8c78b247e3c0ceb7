export { contentLength, wholeContent } from './content.js';
export { digestFile, openRegular, readBytes, readExactly, readLines, rethrow, sha256 } from './read.js';
export { FileError, systemCode } from './error.js';
export { type JsonLimits, parseJson, readJson } from './json.js';
export { isPlainName, makeFolder, pathInside } from './names.js';
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
