/** The contenders of the suite, each in a process of its own. */
import { contend } from '../runner/contend.js';
import type { SupervisionContender, SupervisionInput } from './contender.js';
import { crashCrew, crashCrowd, crashStrangers } from './crash-many.js';
import { crashAlone, crashSupervised } from './crash-one.js';
import { otpCrash } from './crash-otp.js';
import { xstateCrash, xstateCrashes } from './crash-xstate.js';
import { dynamicChildren } from './dynamic-children.js';
import { steadyTell } from './steady-tell.js';
import { threadDeath } from './thread-death.js';

const contenders: Record<string, SupervisionContender> = {
  'xstate-crash': async (input) => ({ ...(await xstateCrash(input)), ...(await xstateCrashes(input)) }),
  'otp-crash': otpCrash,
  'committed-crash': crashSupervised('committed'),
  'flushed-crash': crashSupervised('flushed'),
  'none-alone': crashAlone('none'),
  'committed-alone': crashAlone('committed'),
  'flushed-alone': crashAlone('flushed'),
  'crowd-crash': crashCrowd,
  'crew-crash': crashCrew,
  'strangers-crash': crashStrangers,
  'machines-death': threadDeath('machine'),
  'functions-death': threadDeath('function'),
  'steady-tell': steadyTell,
  'children-few': dynamicChildren('few'),
  'children-some': dynamicChildren('some'),
  'children-many': dynamicChildren('many'),
  'children-twice': dynamicChildren('twice'),
};

await contend<SupervisionInput>(contenders);
