/** piscina, on another thread. There is no way to tell: each task is answered. */
import { counting } from '../counting/piscina.js';
import { askAll, type MessagesContender } from './load.js';

/** Tasks. Its thread is given as many ahead as are on their way; of one at a time there is never a second. */
export const piscinaAsk: MessagesContender = async ({ sizes }) => {
  const pool = await counting(sizes.asksAhead);
  const measures = await askAll(() => pool.run({}), sizes);
  await pool.destroy();
  return measures;
};
