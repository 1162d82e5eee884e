import { createMemoryLink } from '../../../src/thread/memory-link.js';
import { describeLink } from '../../contract/link.js';

describeLink('memory', (bytes) => {
  let readerRings = 0;
  let writerRings = 0;
  const link = createMemoryLink({
    bytesMax: bytes,
    wakeReader: () => {
      readerRings += 1;
    },
    wakeWriter: () => {
      writerRings += 1;
    },
  });
  return {
    ...link,
    wasReaderRung: () => {
      const was = readerRings > 0;
      readerRings = 0;
      return was;
    },
    wasWriterRung: () => {
      const was = writerRings > 0;
      writerRings = 0;
      return was;
    },
    close: () => {},
  };
});
