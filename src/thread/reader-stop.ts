/** The word that ends the reader thread, once it has answered what it was asked before. */
export const readerStop = 'stop';
