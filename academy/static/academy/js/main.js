/** Starts what the page has; every page works without it. */

import { takeOverCatalogue } from "./catalogue.js";
import { takeOverExports } from "./export-control.js";
import { keepCount, takeOverRows } from "./jobs-page.js";
import { keepConnectionMark } from "./offline.js";
import { closeMenus, followReading, reloadWhenPrepared, showPlaceInContents } from "./page.js";
import { followProgress } from "./progress-view.js";
import { takeOverReader } from "./reader.js";
import { takeKeys } from "./shortcuts.js";
import { keepTimes } from "./time.js";
import { offerVersions } from "./versions.js";

closeMenus();
followReading();
showPlaceInContents();
reloadWhenPrepared();
keepConnectionMark();
takeKeys();
keepCount();
takeOverExports();
takeOverRows();
takeOverReader(followProgress());
takeOverCatalogue();
offerVersions();
keepTimes();
