/** Starts what only "My learning" and "My jobs" have: parts that are read again. */

import { followDesk } from "./desk.js";

followDesk();
