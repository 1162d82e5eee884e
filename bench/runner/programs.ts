/** Programs of others that a contender needs. */
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Is there such a program, as a shell would find it?
 * @param folders a list as in the environment's PATH, which is the default
 */
export function hasProgram(name: string, folders: string = process.env.PATH ?? ''): boolean {
  return folders.split(path.delimiter).some((folder) => folder !== '' && isProgram(path.join(folder, name)));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // Not there, or not to be run: the next folder may have it.
    return false;
  }
}
