/** Starts what the page has; every page works without it. */

import { takeOverExports } from "./export-control.js";
import { keepCount, takeOverRows } from "./jobs-page.js";
import { keepConnectionMark } from "./offline.js";
import { closeMenus, followReading, reloadWhenPrepared, showPlaceInContents } from "./page.js";
import { keepTimes } from "./time.js";

closeMenus();
followReading();
showPlaceInContents();
reloadWhenPrepared();
keepConnectionMark();
keepCount();
takeOverExports();
takeOverRows();
keepTimes();
