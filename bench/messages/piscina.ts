/** piscina, on another thread. There is no way to tell: each task is answered. */
import { counting } from '../counting/piscina.js';
import { askAll, type MessagesContender } from './load.js';

/** Tasks. */
export const piscinaAsk: MessagesContender = async ({ sizes }) => {
  const pool = await counting();
  const measures = await askAll(() => pool.run({}), sizes);
  await pool.destroy();
  return measures;
};
