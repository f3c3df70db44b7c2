/** Starts what the page has; every page works without it. */

import { takeOverExports } from "./export-control.js";
import { keepCount, takeOverRows } from "./jobs-page.js";
import { keepConnectionMark } from "./offline.js";
import { closeMenus } from "./page.js";
import { followProgress } from "./progress-view.js";
import { takeKeys } from "./shortcuts.js";
import { keepTimes } from "./time.js";
import { proposeZone } from "./zone.js";

closeMenus();
keepConnectionMark();
takeKeys();
keepCount();
takeOverExports();
takeOverRows();
followProgress();
keepTimes();
proposeZone();
