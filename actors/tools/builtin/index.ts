/** The first tools. */
export { calculate, type CalculateArgs } from './calculate.js';
export { currentTime, type CurrentTimeArgs, type CurrentTimeOptions, type CurrentTimeResult } from './current-time.js';
export type { ExpressionLimits } from './expression.js';
export { fetchUrl, type FetchUrlArgs, type FetchUrlOptions, type FetchUrlResult } from './fetch-url.js';
export type { FileToolOptions } from './file-options.js';
export { fileTools } from './file-tools.js';
export type { FolderEntry } from './folder-walk.js';
export { jsonQuery, type JsonQueryArgs } from './json-query.js';
export { listFiles, type ListFilesArgs, type ListFilesResult } from './list-files.js';
export {
  type MemoryCall,
  type MemoryEntry,
  type MemoryHit,
  type MemoryPort,
  type MemoryQuery,
  ramMemory,
} from './memory-port.js';
export { memoryPut, type MemoryPutArgs } from './memory-put.js';
export { memoryRecall, type MemoryRecallArgs, type MemoryRecallResult } from './memory-recall.js';
export { readCsv, type ReadCsvArgs, type ReadCsvResult } from './read-csv.js';
export { readFile, type ReadFileArgs, type ReadFileResult } from './read-file.js';
export { runJob, type RunJobArgs, type RunJobOptions } from './run-job.js';
export { searchFiles, type SearchFilesArgs, type SearchFilesResult, type SearchHit } from './search-files.js';
export { writeFile, type WriteFileArgs, type WriteFileResult } from './write-file.js';
